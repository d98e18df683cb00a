// A Terraform plan or state as `terraform show -json` writes it: which instances there are, what is
// known of them, and what their unknown values refer to.
//
// A plan says what is known before apply (`change.after`), which values are not (`after_unknown`),
// and, per resource and not per instance, what each expression refers to (`configuration`). It does
// not hold the expressions themselves: `x[count.index].id` and `x[count.index + 1].id` both refer
// to ("x", "count.index"). How far a reference is taken for the value:
//   - one reference to one instance's attribute: that attribute;
//   - a reference to a resource with several instances beside count.index or each.key alone: the
//     instance of the same index, when both have the same indexes (noted, docs/limitations.md);
//   - everything else: a symbol that names the candidates.
// Source: https://developer.hashicorp.com/terraform/internals/json-format
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/derived/value.hpp"

namespace azreach::terraform {

using derived::Value;

/// A value, what of it is not known, and the expressions that make it; members and items go along
/// in step. Any of the three may be null.
struct Cursor {
    const Value* value = nullptr;
    const Value* unknown = nullptr;
    const Value* expression = nullptr;

    Cursor member(std::string_view key) const;
    Cursor item(std::size_t index) const;
    /// Of a list; a single nested block counts as a list of one.
    std::size_t size() const;
    /// Nobody knows the value itself (its parts are another matter).
    bool is_unknown() const;
    /// Absent, null, or unknown and not asked for: the provider's default holds.
    bool is_unset() const;
};

enum class Action : std::uint8_t { none, create, update, replace, remove, read };

struct Instance {
    std::string address;   // module.net["a"].azurerm_subnet.app[0]
    std::string module;    // module.net["a"]; "" in the root
    std::string type;      // azurerm_subnet
    std::string name;      // app
    std::string index;     // 0, "x"; "" without count and for_each
    std::string provider;  // key of the provider's configuration
    bool data = false;
    Action action = Action::none;
    Cursor state;  // of the side that is read; value is null when it is not there
    Cursor other;  // of the other side; never unknown
};

class Document {
public:
    /// Throws derived::ParseError for text that is no JSON, and for a format that is not known.
    Document(const DerivedInput& input, Side side);

    const std::vector<Instance>& instances() const { return instances_; }
    const derived::Tree& tree() const { return tree_; }
    bool is_plan() const { return is_plan_; }
    const Value& root() const { return tree_.root(); }

    /// What an attribute refers to, where its value is not known. `wanted`: the Terraform types it
    /// may name, separated by blanks; "" is any.
    struct Target {
        const Instance* instance = nullptr;
        std::string attribute;  // "id"
    };
    struct Resolved {
        std::vector<Target> targets;     // in order; empty: not resolved
        std::vector<std::string> names;  // what it may refer to, for the symbol
        bool by_index = false;           // taken by count.index or each.key
    };
    Resolved resolve(const Instance& from, const Cursor& at, std::string_view wanted) const;
    /// Every instance that the expression may mean, when it is not resolved.
    std::vector<const Instance*> candidates(const Instance& from, const Cursor& at,
                                            std::string_view wanted) const;

    /// The subscription of a provider configuration: said by it, or by an id of one of its
    /// resources; a symbol when neither does.
    std::string subscription_of(const Instance& instance) const;

private:
    struct Reference;
    struct Scope;
    struct Found;

    void read_plan(Side side);
    void read_values(const Value& module, bool complete);
    void read_raw_state(const Value& resources);
    void index_configuration(const Value& module, const std::string& path);
    void add(Instance instance);
    const Value* configuration_of(const Instance& instance) const;
    Found follow(const Scope& scope, const Value& expression, std::string_view wanted,
                 const std::string& pick, int depth) const;
    Found follow(const Instance& from, const Cursor& at, std::string_view wanted) const;
    /// The indexes of all instances of a module, given by the path of one of them.
    std::set<std::string> module_indexes(const std::string& module) const;
    void learn_subscriptions();

    derived::Tree tree_;
    bool is_plan_ = false;
    std::vector<Instance> instances_;
    std::map<std::string, std::vector<std::size_t>> by_name_;  // module + "|" + [data.]type.name
    std::map<std::string, const Value*>
        resources_;                                // module path without indexes | [data.]type.name
    std::map<std::string, const Value*> modules_;  // module path without indexes: its module
    std::map<std::string, const Value*> calls_;    // the same: its call in the parent
    std::map<std::string, std::string> module_instances_;  // module.net["a"] -> "a"
    std::map<std::string, std::string> subscriptions_;     // of provider configurations
    std::set<std::string> seen_;                           // addresses
};

}  // namespace azreach::terraform
