// One rule of a group or admin collection, with its tags, groups and contested meanings expanded.
// Rules decided here: [N1] [N2] [N3] [N16] [N17] [N21] [N22] [N23] [N24] [N26] [N27] [N28] [N29]
// [N30] [N32] [A7] [A8] [J3]
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/network/connectivity.hpp"

namespace azreach {

/// Expansions shared by the rules of a snapshot, each computed once.
class RuleContext {
public:
    explicit RuleContext(const Network& network) : network_(network) {}
    const Network& network() const { return network_; }
    const GuardedAddresses& tag(std::string_view tag, SubnetIndex subnet);
    const GuardedAddresses& members_of_asg(const ResourceId& asg);  // N26-N31
    /// The default rules of a group as synthesised; they live as long as the context.      [N4]
    const std::vector<SecurityRule>& default_rules(const ResourceId& group);

private:
    void add_open_members();
    const Network& network_;
    std::map<std::pair<std::string, SubnetIndex>, GuardedAddresses> tags_;
    std::map<ResourceId, GuardedAddresses> asgs_;
    std::map<ResourceId, std::vector<SecurityRule>> defaults_;
    bool asgs_ready_ = false;
};

/// The rule expanded as it reads at `subnet`.
FilterRule compile_rule(RuleContext& context, const SecurityRule& rule, SubnetIndex subnet);

/// A group's rules of one direction in order: user rules, then the default rules (as read, or
/// synthesised, N4). Equal priorities stand in every order (N1).
std::vector<FilterRule> compile_rules(RuleContext& context, const NetworkSecurityGroup& group,
                                      Direction direction, SubnetIndex subnet);

/// Sorts by priority and puts ties in every order: any of the tied rules may be tried first.
std::vector<FilterRule> in_order(RuleContext& context, std::vector<const SecurityRule*> rules,
                                 SubnetIndex subnet);

/// A stand-in that matches every packet.
FilterRule everything(Access access, const ResourceId& stands_for, Guard when);

}  // namespace azreach
