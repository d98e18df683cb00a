// Rows of "given this resource / from whom / then" for PaaS endpoints.
#pragma once

#include <string>
#include <vector>

#include "models/network/admission.hpp"
#include "src/arm/import.hpp"
#include "tests/engine/trace_support.hpp"

namespace azreach::testing {

inline const std::string kProviders = "/subscriptions/s/resourceGroups/rg/providers/";

inline ResourceId resource_id(const std::string& type, const std::string& name) {
    return ResourceId(kProviders + type + "/" + name);
}

/// One ARM resource as text; `more` are further members: ", \"kind\": \"StorageV2\"".
inline std::string arm(const std::string& type, const std::string& name,
                       const std::string& properties, const std::string& more = "") {
    return R"({"id": ")" + kProviders + type + "/" + name + R"(", "name": ")" + name +
           R"(", "type": ")" + type + R"(", "location": "westeurope")" + more +
           R"(, "properties": )" + properties + "}";
}
/// A child: "firewallRules/all" of a server.
inline std::string arm_child(const std::string& type, const std::string& parent,
                             const std::string& kind, const std::string& name,
                             const std::string& properties) {
    return R"({"id": ")" + kProviders + type + "/" + parent + "/" + kind + "/" + name +
           R"(", "name": ")" + name + R"(", "type": ")" + type + "/" + kind +
           R"(", "properties": )" + properties + "}";
}

/// The network of `builder` with these resources.
inline SnapshotBuilder with(SnapshotBuilder builder, const std::vector<std::string>& resources) {
    std::string list = "[";
    for (const std::string& resource : resources) {
        list += (list.size() == 1 ? "" : ",") + resource;
    }
    const Imported imported = import_text("services.json", list + "]");
    builder.edit().paas = imported.snapshot.paas;
    builder.edit().others = imported.snapshot.others;
    return builder;
}

struct ServiceAsked : Asked {
    using Asked::Asked;

    PaasIndex endpoint(const std::string& type, const std::string& name,
                       const std::string& group) const {
        const auto index = network.paas().find(resource_id(type, name), group);
        if (!index) {
            throw std::invalid_argument("no endpoint " + name + "/" + group);
        }
        return *index;
    }
    TraceResult internet_to(PaasIndex service, const std::string& src, int port = 443) const {
        return trace_to_service(network, Origin(Internet{}), address(src), service, tcp(port));
    }
    TraceResult vm_to(PaasIndex service, const std::string& vm, int port = 443) const {
        const ConfigIndex config = config_of(network, vm);
        return trace_to_service(network, Origin(config),
                                *network.configurations()[config].configuration->address, service,
                                tcp(port));
    }
};

/// Who decided, without the resource's own id: "#/properties/publicNetworkAccess", "rule-1".
inline std::string by(const TraceResult& result) {
    const std::string& text = result.walk.by.id.text();
    const std::size_t hash = text.find('#');
    return hash == std::string::npos ? std::string(result.walk.by.id.name()) : text.substr(hash);
}

}  // namespace azreach::testing
