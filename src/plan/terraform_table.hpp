// The table from Terraform's resource types to Azure's. Rows of services and hubs are in
// terraform_types.
//
// One row a type of the providers azurerm (2 to 4) and what is said of its attributes; resources of
// azapi are in ARM's shape already. The table says how attributes are written down, nothing about
// their meaning: that is in the readers of src/arm, which read what comes out here.
// Source: the provider's documentation, https://registry.terraform.io/providers/hashicorp/azurerm
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace azreach::terraform {

/// How the value of an attribute stands in ARM.
enum class How : unsigned char {
    copy,
    filled,     // the same; "" is nothing
    list,       // "..."      -> ["..."]
    joined,     // ["a", "b"] -> "a<extra>b"; an empty list is nothing
    choice,     // true and false -> the two words of `extra`
    mark,       // anything but "" -> the text `extra`
    picked,     // an address; Azure picks it unless the attribute `extra` beside it is "Static"
    id,         // "..."      -> {"id": "..."}
    ids,        // ["..."]    -> [{"id": "..."}]
    id_text,    // an id, kept as text
    wrap,       // ["..."]    -> [{"<extra>": "..."}]
    wrap_ids,   // the same; the texts are ids
    invert,     // a flag, the other way round
    enabled,    // true       -> "Enabled", false -> "Disabled"
    disabled,   // true       -> "Disabled", false -> "Enabled"
    text_flag,  // true       -> "True", false -> "False"
    constant,   // always the text `extra`
    object,     // the first block -> an object
    child,      // the first block -> {"name": ..., "properties": {...}}
    objects,    // every block -> an object
    children,   // every block -> {"name": ..., "properties": {...}}
    frontend,   // the name of a frontend of the balancer `loadbalancer_id` -> {"id": "..."}
    frontends,  // blocks that name frontends -> [{"id": "..."}]
};

struct Attribute {
    /// Terraform's names, blanks between: newer first. The first that is set counts.
    std::string_view names;
    /// Where it goes: "a.b" below properties (in blocks: below the object), "^a.b" beside them; "~"
    /// is a dot within a name.
    std::string_view path;
    How how = How::copy;
    /// For ids: the Terraform types that may be meant. For wrap and constant: the key, the text.
    std::string_view extra = {};
    std::span<const Attribute> inner = {};  // of blocks
    /// Not set in the configuration and not known before apply: the provider's default differs
    /// between its versions, so the value stays open. Otherwise it is left out, as Azure's default.
    bool open_default = false;
};

/// A block that is a resource of its own in Azure, a child of the one that holds it.
struct Child {
    std::string_view block;
    std::string_view type;  // the last segment of its type
    std::string_view name;  // "": the block says it
    std::span<const Attribute> attributes = {};
};

struct Type {
    std::string_view terraform;
    std::string_view arm;
    /// The attributes that name its parents, outermost first, blanks between; "@x": attribute x is
    /// the parent's id; "@": it has an id of its own and nothing else tells it.
    std::string_view parents = {};
    std::span<const Attribute> attributes = {};
    /// A data source of this type says enough to be read as a resource.
    bool data = false;
    std::string_view name = {};  // the one name that it can have; "": the attribute says it
    std::span<const Child> children = {};
};
std::vector<const Type*> types();
const Type* type_of(std::string_view terraform);

/// A resource of Terraform that is no resource of Azure but a property of one.
struct Join {
    std::string_view terraform;
    /// The attribute with the id of the resource that it belongs to; "=x": with its name.
    std::string_view target;
    std::string_view target_types;  // Terraform types of that resource
    /// The property. "ipConfigurations[*].x": in every one; "[ip_configuration_name]": in the one
    /// with the name that this attribute gives.
    std::string_view path;
    bool list = false;                      // one entry of a list; otherwise the whole property
    std::string_view value;                 // the attribute with the value
    How how = How::id;                      // children, object: an entry, a value made of `inner`
    std::string_view extra = {};            // Terraform types of the value
    std::span<const Attribute> inner = {};  // of an entry
};
std::vector<const Join*> joins();
const Join* join_of(std::string_view terraform);

/// Types of Terraform's azurerm provider that describe nothing of a network: neither a place in
/// one nor a rule about one.
bool is_beside_the_network(std::string_view terraform);

}  // namespace azreach::terraform
