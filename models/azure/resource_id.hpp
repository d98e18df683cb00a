// ARM resource ids: they compare without case and print as they were written.       [J1]
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace azreach {

/// Compares ASCII text without case (Azure's names are ASCII).
std::strong_ordering compare_ignoring_case(std::string_view a, std::string_view b);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// An ARM id such as "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/
/// virtualNetworks/V/subnets/N". Any text is accepted; the parts of a malformed id are empty.
class ResourceId {
public:
    ResourceId() = default;
    explicit ResourceId(std::string text);

    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    std::string_view name() const;            // last segment
    std::string type() const;                 // "Microsoft.Network/virtualNetworks/subnets"
    std::string_view subscription() const;    // "" if absent
    std::string_view resource_group() const;  // "" if absent
    /// The id without its last type/name pair; empty for a top-level resource.
    ResourceId parent() const;
    ResourceId child(std::string_view type, std::string_view name) const;
    /// True if the id lies under `ancestor` (or equals it).
    bool is_within(const ResourceId& ancestor) const;
    std::size_t hash() const;  // ignores case

    friend bool operator==(const ResourceId& a, const ResourceId& b) {
        return equal_ignoring_case(a.text_, b.text_);
    }
    friend std::strong_ordering operator<=>(const ResourceId& a, const ResourceId& b) {
        return compare_ignoring_case(a.text_, b.text_);
    }

private:
    std::string text_;
};

struct IgnoringCase {  // for ordered maps of names
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return compare_ignoring_case(a, b) < 0;
    }
};

}  // namespace azreach

template <>
struct std::hash<azreach::ResourceId> {
    std::size_t operator()(const azreach::ResourceId& id) const { return id.hash(); }
};
