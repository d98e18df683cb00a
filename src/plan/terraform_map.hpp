// One side of a Terraform document as ARM resources.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/azure/resource_id.hpp"
#include "src/plan/terraform_document.hpp"
#include "src/plan/terraform_table.hpp"

namespace azreach::terraform {

/// A resource in ARM's shape, or what an association says of one that the document does not hold
/// (`whole` is false).
struct Mapped {
    Value arm;
    const Instance* instance = nullptr;
    bool whole = true;
};

class Mapping {
public:
    /// `notes` gets diagnostics; null for the side that is only compared.
    Mapping(const DerivedInput& input, Side side, std::vector<Diagnostic>* notes);

    const Document& document() const { return document_; }
    /// By id, in the order of ids.
    const std::map<ResourceId, Mapped>& resources() const { return resources_; }
    std::string id_of(const Instance& instance) const;

private:
    using Names = std::string_view;

    void map(const Instance& instance);
    void map_child(const Instance& instance, const Type& type, const Child& child);
    void map_azapi(const Instance& instance);
    void map_unknown_type(const Instance& instance);
    void join(const Instance& instance, const Join& join);
    void put(Value arm, const Instance& instance);
    Value header_of(const Instance& instance, std::string_view type) const;

    void attributes(const Instance& instance, const Cursor& block, const std::string& at,
                    std::span<const Attribute> table, Value& holder, Value& object) const;
    std::optional<Value> convert(const Instance& instance, const Cursor& at,
                                 const std::string& name, const Attribute& attribute) const;
    std::optional<Value> convert_known(const Instance& instance, const Cursor& at,
                                       const std::string& name, const Attribute& attribute) const;
    Value blocks(const Instance& instance, const Cursor& at, const std::string& name,
                 const Attribute& attribute) const;
    Value open(const Instance& instance, const std::string& name,
               const std::vector<std::string>& may_be, const Cursor& at) const;
    /// The value that a reference names: an id, or another attribute.
    Value target_value(const Document::Target& target) const;
    std::string text_of(const Instance& instance, std::string_view name,
                        std::string_view wanted = {}) const;
    void note(const char* code, Severity severity, const Value* where, std::string message) const;
    void collect_places(const Instance& instance, const Cursor& at, const std::string& key,
                        std::set<std::string>& subnets, std::set<std::string>& addresses) const;

    const DerivedInput& input_;
    Document document_;
    std::vector<Diagnostic>* notes_;
    std::map<ResourceId, Mapped> resources_;
    mutable std::map<const Instance*, std::string> ids_;
    mutable std::set<const Instance*> asked_;  // whose id is being worked out
    mutable std::size_t by_index_ = 0;
};

}  // namespace azreach::terraform
