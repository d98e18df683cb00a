// Short ways to write ARM JSON in tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "src/arm/import.hpp"

namespace azreach::arm_text {

inline const std::string kGroup = "/subscriptions/s/resourceGroups/g/providers/";
inline const std::string kNet = kGroup + "Microsoft.Network/";

inline std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : ",") + part;
    }
    return text;
}

inline std::string list(const std::vector<std::string>& resources) {
    return R"({"value":[)" + joined(resources) + "]}";
}

/// A resource of Microsoft.Network; `path` is "virtualNetworks/v/subnets/a".
inline std::string resource(const std::string& path, const std::string& properties,
                            const std::string& beside = "") {
    return R"({"id":")" + kNet + path + R"(","type":")" + ResourceId(kNet + path).type() + R"(")" +
           beside + R"(,"properties":)" + properties + "}";
}

inline std::string refer(const std::string& path) { return R"({"id":")" + kNet + path + R"("})"; }

inline ResourceId id(const std::string& path) { return ResourceId(kNet + path); }

/// A security rule's properties; `fields` come last and may say anything else.
inline std::string rule(const std::string& fields) {
    return R"({"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp")" + fields +
           "}";
}

inline const std::string kAny =
    R"(,"sourceAddressPrefix":"*","destinationAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"*")";

inline std::string named(const std::string& name, const std::string& properties) {
    return R"({"name":")" + name + R"(","properties":)" + properties + "}";
}

inline std::string group_with(const std::vector<std::string>& rules) {
    return resource("networkSecurityGroups/n", R"({"securityRules":[)" + joined(rules) + "]}");
}

inline std::size_t count(const Snapshot& snapshot, const std::string& code) {
    return static_cast<std::size_t>(
        std::count_if(snapshot.diagnostics.begin(), snapshot.diagnostics.end(),
                      [&](const Diagnostic& item) { return item.code == code; }));
}

inline const Gap* gap(const Snapshot& snapshot, const std::string& what) {
    for (const Gap& item : snapshot.gaps) {
        if (equal_ignoring_case(item.what, what)) {
            return &item;
        }
    }
    return nullptr;
}

/// The message with which a text is refused; empty when it is imported.
inline std::string refusal(const std::string& text, const ImportOptions& options = {}) {
    try {
        import_text("in.json", text, options);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace azreach::arm_text
