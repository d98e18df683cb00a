#include "src/plan/what_if.hpp"

#include <optional>

#include "models/azure/resource_id.hpp"
#include "models/azure/symbol.hpp"
#include "src/derived/value.hpp"

namespace azreach {

namespace {

using derived::Tree;
using derived::Value;

class WhatIf {
public:
    WhatIf(const DerivedInput& input, Side side)
        : input_(input), side_(side), tree_(input.source, input.text) {}

    Derived read() {
        const Value& root = tree_.root();
        const Value* holder = &root;
        if (root.is_object() && root.find("changes") == nullptr) {
            holder = root.find("properties");
        }
        if (root.is_array()) {
            each(root, false);  // the list of changes alone
        } else if (holder != nullptr) {
            for (const auto& [key, potential] :
                 {std::pair{"changes", false}, std::pair{"potentialChanges", true}}) {
                if (const Value* list = holder->find(key)) {
                    each(*list, potential);
                }
            }
            failed(root, *holder);
        }
        return std::move(result_);
    }

private:
    static bool is(std::string_view type, std::string_view wanted) {
        return equal_ignoring_case(type, wanted);
    }

    void note(const char* code, Severity severity, const Value& where, std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = code;
        diagnostic.severity = severity;
        diagnostic.message = std::move(message);
        diagnostic.place.file = input_.name;
        if (where.place.known()) {
            diagnostic.place.pointer = tree_.pointer_of(where.place.node);
        }
        result_.diagnostics.push_back(std::move(diagnostic));
    }

    /// A preview that failed says nothing of what the deployment would do.
    void failed(const Value& root, const Value& holder) {
        for (const Value* object : {&root, &holder}) {
            const std::string_view status = object->text_at("status");
            if (!status.empty() && !is(status, "Succeeded")) {
                note("AZR1050", Severity::error, *object,
                     "the what-if did not succeed (" + std::string(status) +
                         "): what the deployment changes is not known");
                return;
            }
        }
    }

    void each(const Value& list, bool potential) {
        for (const Value& change : list.items) {
            if (change.is_object()) {
                one(change, potential);
            }
        }
    }

    /// One state of the resource, as it stands in the file; null when it is not there.
    std::optional<Value> state(const Value& change, const char* key) const {
        const Value* found = change.find(key);
        if (found == nullptr || !found->is_object()) {
            return std::nullopt;
        }
        Value resource = *found;
        derived::name_expressions(resource);
        if (resource.text_at("id").empty()) {
            resource.set("id", id_of(change));
        }
        return resource;
    }

    Value id_of(const Value& change) const {
        for (const char* key : {"resourceId", "fullyQualifiedResourceId"}) {
            if (const Value* id = change.find(key); id != nullptr && id->is_text()) {
                Value known = *id;
                derived::name_expressions(known);
                return known;
            }
        }
        return Value::symbol("the id of a resource in " + input_.name);
    }

    /// A resource of which only the id is known.
    Value unknown(const Value& change, const std::string& why) const {
        Value resource = Value::object();
        resource.place = change.place;
        const Value id = id_of(change);
        const ResourceId parsed(id.text);
        resource.set("id", id);
        resource.set("name", Value::of(std::string(parsed.name())));
        resource.set("type", Value::of(parsed.type()));
        resource.set("properties", Value::symbol(why + ": " + std::string(parsed.name())));
        return resource;
    }

    void emit(const Value& resource, Effect effect, std::string exists_if = {}) {
        DerivedResource derived =
            derived::to_derived(resource, [this](std::uint32_t) { return &tree_; });
        derived.effect = effect;
        derived.exists_if = std::move(exists_if);
        result_.resources.push_back(std::move(derived));
    }

    /// The resource is there, in one of two states: both are read, as two copies.          [J2]
    void either(const std::optional<Value>& before, const std::optional<Value>& after,
                const std::string& if_after) {
        if (before && after) {
            emit(*before, Effect::put);
            emit(*after, Effect::put);
        } else if (before || after) {
            emit(before ? *before : *after, Effect::put, if_after);
        }
    }

    void one(const Value& change, bool potential) {
        const std::string_view type = change.text_at("changeType");
        const std::optional<Value> before = state(change, "before");
        const std::optional<Value> after = state(change, "after");
        if (side_ == Side::before) {
            if (before) {
                emit(*before, Effect::put);
            } else if (!is(type, "Create") && !after) {
                emit(unknown(change, "not shown by the what-if"), Effect::put);
            }
            return;
        }
        const std::string name(ResourceId(id_of(change).text).name());
        if (potential) {
            either(before, is(type, "Delete") ? std::nullopt : after,
                   Value::symbol("whether the deployment changes " + name).text);
        } else if (const Value* why = change.find("unsupportedReason");
                   why != nullptr && why->is_text()) {
            note("AZR1051", Severity::warning, change,
                 "the what-if could not foresee what becomes of '" + name + "': " + why->text);
            emit(unknown(change, "not foreseen by the what-if"), Effect::put);
        } else if (is(type, "Delete")) {
            Value gone = Value::object();
            gone.place = change.place;
            gone.set("id", id_of(change));
            emit(gone, Effect::remove);
        } else if (is(type, "Create") || is(type, "Modify")) {
            emit(after ? *after : unknown(change, "not shown by the what-if"), Effect::put);
        } else if (is(type, "NoChange") || is(type, "NoEffect") || is(type, "Ignore")) {
            // Ignore: it is there and the deployment does not mention it.
            emit(after    ? *after
                 : before ? *before
                          : unknown(change, "not shown by the what-if"),
                 Effect::exists);
        } else {  // Deploy, Unsupported, and what newer versions may say
            note("AZR1051", Severity::warning, change,
                 "the what-if does not show what becomes of '" + name + "' (" + std::string(type) +
                     ")");
            emit(unknown(change, "not foreseen by the what-if"), Effect::put);
        }
    }

    const DerivedInput& input_;
    Side side_;
    Tree tree_;
    Derived result_;
};

}  // namespace

Derived derive_what_if(const DerivedInput& input, Side side) { return WhatIf(input, side).read(); }

}  // namespace azreach
