// How the admission lists of services are written: shared by admission_*.cpp.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/network/admission.hpp"
#include "models/network/network.hpp"

namespace azreach {

/// What 0.0.0.0 means as a client's address.                                          [P-5a] [AK-1]
enum class Sentinel : std::uint8_t { host, azure };

/// Writes the steps of one endpoint for one entrance, in order. What is not sure stands under a
/// fact; after an unconditional step for everybody the rest is not written.
class AdmissionList {
public:
    AdmissionList(const Network& network, const PaasEndpoint& endpoint, const Entrance& entrance)
        : network_(network), endpoint_(endpoint), entrance_(entrance) {}

    const Network& network() const { return network_; }
    const PaasResource& resource() const { return *endpoint_.resource; }
    const PaasEndpoint& endpoint() const { return endpoint_; }
    const Entrance& entrance() const { return entrance_; }
    bool done() const { return done_; }

    /// What a property says. Absent is `no`; copies that differ, or a value that is not known
    /// before deployment, are `open`.
    enum class Said : std::uint8_t { no, yes, open };
    Said says(std::string_view pointer, std::string_view value) const;
    bool present(std::string_view pointer) const { return resource().find(pointer) != nullptr; }
    /// The guard of a property that is not known.
    Guard unknown(std::string_view pointer) const;

    /// Everybody who comes this way, by a property of the resource.
    void everybody(bool allow, std::string_view pointer, Guard when = {},
                   AdmissionStep::Why why = AdmissionStep::Why::rule);
    /// Everybody, and nothing decides it: there is no rule.
    void nobody_else();
    /// publicNetworkAccess and its like: Disabled and SecuredByPerimeter close the public
    /// endpoint, service endpoints included; absent is Enabled.                       [P-1] [P-2]
    void public_switch(std::string_view pointer = "publicNetworkAccess");

    /// A perimeter's rules may let anybody in past the resource's own, and keep anybody out; none
    /// is modelled, so both are open where one stands or decides.                     [NSP-1]
    /// [ST-8]
    void perimeter();

    /// One rule, where it matches somebody who comes this way.
    void rule(const PaasRule& rule, Sentinel sentinel, const Guard& when = {});
    /// All rules of a list in its order; whom they cover together is what counts [P-5].
    void rules(std::string_view list, Sentinel sentinel = Sentinel::host, const Guard& when = {});
    /// Subnet rules of which only those in the state `live` (or in none that is said) count. A rule
    /// admits who comes by the subnet's service endpoint, and an endpoint admits nobody [SE-5].
    void subnet_rules(std::string_view list, std::string_view live = "");
    std::size_t count(std::string_view list) const;
    bool some_uncertain(std::string_view list) const;

    /// networkAcls and its like: absent is open, else the default action after the rules.
    void access_list(std::string_view object, std::string_view live_state = "");

    /// The guard under which there are rules of child resources that no file shows; nullopt when
    /// there surely are none.                                                      [SQ-1] [PG-2]
    std::optional<Guard> unlisted(std::string_view child) const;

    std::vector<AdmissionStep> take() { return std::move(steps_); }

private:
    struct Match {
        Guard when;
        GuardedAddresses sources;
    };
    std::optional<Match> match(const PaasRule& rule, Sentinel sentinel) const;

    const Network& network_;
    const PaasEndpoint& endpoint_;
    const Entrance& entrance_;
    std::vector<AdmissionStep> steps_;
    bool done_ = false;
};

// One function a service; each leaves the list done.
void admit_storage(AdmissionList& list);
void admit_vault(AdmissionList& list);
void admit_sql_server(AdmissionList& list);
void admit_managed_instance(AdmissionList& list);
void admit_flexible_server(AdmissionList& list);
void admit_synapse(AdmissionList& list);
void admit_redis(AdmissionList& list);
void admit_cosmos(AdmissionList& list);
void admit_site(AdmissionList& list);
void admit_registry(AdmissionList& list);
void admit_messaging(AdmissionList& list);
void admit_event_grid(AdmissionList& list);
void admit_iot_hub(AdmissionList& list);
void admit_cognitive(AdmissionList& list);
void admit_search(AdmissionList& list);
void admit_cluster(AdmissionList& list);
void admit_signalr(AdmissionList& list);
void admit_environment(AdmissionList& list);
void admit_switch_only(AdmissionList& list);
void admit_generic(AdmissionList& list);

}  // namespace azreach
