// Which public name a sub-resource has, and which private zone answers for it behind a private
// endpoint.                                                                                [DNS-1]
// Source: https://learn.microsoft.com/azure/private-link/private-endpoint-dns
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace azreach {

/// A name NAME.PUBLIC_SUFFIX of a resource called NAME; with private endpoint connections it is an
/// alias of NAME.ZONE. `{region}` stands for one label.
struct PrivateLinkZone {
    std::string_view type;           // ARM type of the resource
    std::string_view group_id;       // sub-resource
    std::string_view public_suffix;  // "blob.core.windows.net"
    std::string_view zone;           // "privatelink.blob.core.windows.net"
};

/// In the order of the page; several rows may share a suffix (SQL and Synapse: no).
std::span<const PrivateLinkZone> private_link_zones();

/// A public (or privatelink) name taken apart: the resource's name and its row.
struct ServiceName {
    std::string resource;                  // "st1"
    const PrivateLinkZone* row = nullptr;  // never null
    bool is_private_form = false;          // the name was asked in its privatelink form
    std::string private_form;              // "st1.privatelink.blob.core.windows.net"
};
/// Ignores case and a last dot; nullopt when no row fits.
std::optional<ServiceName> service_name_of(std::string_view name);

}  // namespace azreach
