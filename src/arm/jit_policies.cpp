// Microsoft.Security/locations/jitNetworkAccessPolicies. Absent sources mean any; requests are not
// read: what a request opened stands in the groups as a rule of its own (E52).
#include "src/arm/readers.hpp"

namespace azreach {

void read_jit_policy(const JsonCursor& resource, const Header& header, ImportState& state) {
    JitPolicy policy;
    policy.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor machines = properties["virtualMachines"];
    machines.for_each([&](const JsonCursor& item) {
        JitPolicy::Machine machine;
        machine.id = ResourceId(std::string(item["id"].text_or("")));
        const JsonCursor ports = item["ports"];
        ports.for_each([&](const JsonCursor& entry) {
            JitPolicy::Port port;
            port.where = entry.provenance();
            const JsonCursor number = entry["number"];
            port.number = static_cast<int>(number.integer(0, 65535).value_or(0));
            const JsonCursor protocol = entry["protocol"];
            port.protocol = protocol ? protocol_of(protocol) : RuleProtocol::any;
            const auto source = [&](const JsonCursor& value) {
                const std::string_view text = value.text_or("");
                if (text.empty()) {
                    return;
                }
                if (text == "*") {
                    port.sources.any = true;
                } else if (const auto prefix = parse_prefix(text)) {
                    port.sources.prefixes |= prefix->prefix.addresses();
                } else {
                    port.sources.tags.emplace_back(text);
                }
            };
            source(entry["allowedSourceAddressPrefix"]);
            const JsonCursor list = entry["allowedSourceAddressPrefixes"];
            list.for_each(source);
            if (port.sources.empty()) {
                port.sources.any = true;
            }
            machine.ports.push_back(std::move(port));
        });
        policy.machines.push_back(std::move(machine));
    });
    put(state.snapshot.jit_policies, header, std::move(policy));
}

}  // namespace azreach
