#include "src/plan/terraform_document.hpp"

#include <algorithm>
#include <set>

#include "models/azure/resource_id.hpp"
#include "models/azure/symbol.hpp"

namespace azreach::terraform {

// --- cursors -------------------------------------------------------------------------------------

namespace {

const Value* member_of(const Value* object, std::string_view key) {
    return object != nullptr && object->is_object() ? object->find(key) : nullptr;
}
bool is_true(const Value* value) {
    return value != nullptr && value->kind == Value::Kind::boolean && value->boolean;
}

}  // namespace

Cursor Cursor::member(std::string_view key) const {
    return {member_of(value, key), is_true(unknown) ? unknown : member_of(unknown, key),
            member_of(expression, key)};
}

std::size_t Cursor::size() const {
    return value == nullptr ? 0 : value->is_object() ? 1 : value->items.size();
}

Cursor Cursor::item(std::size_t index) const {
    if (value != nullptr && value->is_object()) {
        return *this;
    }
    const auto at = [&](const Value* list) -> const Value* {
        return list != nullptr && list->is_array() && index < list->items.size()
                   ? &list->items[index]
                   : nullptr;
    };
    // A block that is written once may stand without a list around it; what several blocks of
    // a set refer to cannot be told apart by position.
    const Value* of_block = at(expression);
    if (expression != nullptr && expression->is_array() && expression->items.size() != size()) {
        of_block = nullptr;
    }
    if (expression != nullptr && expression->is_object() &&
        expression->find("references") == nullptr) {
        of_block = expression;
    }
    // A list of plain values has one expression for all of them.
    if (expression != nullptr && expression->is_object() &&
        expression->find("references") != nullptr) {
        of_block = expression;
    }
    return {at(value), is_true(unknown) ? unknown : at(unknown), of_block};
}

bool Cursor::is_unknown() const {
    return (value == nullptr || value->is_null()) && is_true(unknown);
}

bool Cursor::is_unset() const {
    return (value == nullptr || value->is_null()) && (!is_true(unknown) || expression == nullptr);
}

// --- references ----------------------------------------------------------------------------------

/// "azurerm_subnet.app[0].id" in steps.
struct Document::Reference {
    struct Step {
        std::string text;  // a name, or what stands between brackets
        bool is_index = false;
    };
    std::vector<Step> steps;

    explicit Reference(std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            if (text[at] == '.') {
                ++at;
            } else if (text[at] == '[') {
                std::size_t end = at + 1;
                bool quoted = false;
                while (end < text.size() && (quoted || text[end] != ']')) {
                    if (text[end] == '\\' && quoted) {
                        ++end;
                    } else if (text[end] == '"') {
                        quoted = !quoted;
                    }
                    ++end;
                }
                steps.push_back({std::string(text.substr(at + 1, end - at - 1)), true});
                at = std::min(end + 1, text.size());
            } else {
                const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
                steps.push_back({std::string(text.substr(at, end - at)), false});
                at = end;
            }
        }
    }
    std::string_view head() const {
        return steps.empty() ? std::string_view{} : std::string_view(steps.front().text);
    }
    bool has(std::size_t index) const { return index < steps.size(); }
    bool is_index(std::size_t index) const { return has(index) && steps[index].is_index; }
    /// The names from `from` on, joined; indexes keep their brackets.
    std::string rest(std::size_t from) const {
        std::string result;
        for (std::size_t i = from; i < steps.size(); ++i) {
            result += steps[i].is_index ? "[" + steps[i].text + "]"
                                        : (result.empty() ? "" : ".") + steps[i].text;
        }
        return result;
    }
};

/// Where an expression stands: its module, and the index of the thing that it belongs to.
struct Document::Scope {
    std::string module;
    std::string index;                  // of the resource instance or module instance
    std::set<std::string> all_indexes;  // of its siblings and itself
    const Value* for_each = nullptr;    // what each.value comes from
};

struct Document::Found {
    std::vector<Target> targets;
    std::vector<const Instance*> candidates;  // every instance that was named, targets included
    std::vector<std::string> names;
    bool exact = true;  // nothing was named that could stand for something else
    bool by_index = false;
};

namespace {

constexpr int kDeepest = 16;
constexpr std::size_t kMostNames = 6;

/// module.net["a"].module.inner -> net.inner.
std::string without_indexes(std::string_view module) {
    std::string result;
    bool quoted = false;
    bool inside = false;
    for (const char c : module) {
        if (c == '"') {
            quoted = !quoted;
        }
        if (c == '[' && !quoted) {
            inside = true;
        }
        if (!inside) {
            result += c;
        }
        if (c == ']' && !quoted) {
            inside = false;
        }
    }
    std::string names;  // module.net.module.inner -> net.inner.
    constexpr std::string_view kWord = "module.";
    for (std::size_t at = 0; result.compare(at, kWord.size(), kWord) == 0;) {
        at += kWord.size();
        const std::size_t end = std::min(result.find('.', at), result.size());
        names += result.substr(at, end - at) + ".";
        at = std::min(end + 1, result.size());
    }
    return names;
}

/// The module around `module.net["a"]` and the index of its last step.
std::pair<std::string, std::string> parent_of(const std::string& module) {
    bool quoted = false;
    std::size_t last = std::string::npos;
    for (std::size_t i = 0; i < module.size(); ++i) {
        if (module[i] == '"') {
            quoted = !quoted;
        }
        if (!quoted && module.compare(i, 7, "module.") == 0 && (i == 0 || module[i - 1] == '.')) {
            last = i;
        }
    }
    if (last == std::string::npos) {
        return {"", ""};
    }
    const std::size_t open = module.find('[', last);
    std::string index;
    if (open != std::string::npos && module.back() == ']') {
        index = module.substr(open + 1, module.size() - open - 2);
    }
    return {last == 0 ? std::string() : module.substr(0, last - 1), index};
}

bool contains_word(std::string_view words, std::string_view word) {
    std::size_t at = 0;
    while (at < words.size()) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        if (words.substr(at, end - at) == word) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

}  // namespace

Document::Found Document::follow(const Scope& scope, const Value& expression,
                                 std::string_view wanted, const std::string& pick,
                                 int depth) const {
    Found found;
    const Value* list = member_of(&expression, "references");
    if (list == nullptr || depth > kDeepest) {
        found.exact = false;
        return found;
    }
    // "azurerm_subnet.a.id" comes with "azurerm_subnet.a"; only the longest says anything.
    std::vector<std::string> texts;
    for (const Value& item : list->items) {
        texts.push_back(item.text);
    }
    std::vector<std::string> longest;
    for (const std::string& text : texts) {
        const bool prefix = std::any_of(texts.begin(), texts.end(), [&](const std::string& other) {
            return other.size() > text.size() && other.starts_with(text) &&
                   (other[text.size()] == '.' || other[text.size()] == '[');
        });
        if (!prefix && std::find(longest.begin(), longest.end(), text) == longest.end()) {
            longest.push_back(text);
        }
    }
    const bool indexed = std::any_of(longest.begin(), longest.end(), [](const std::string& text) {
        return text == "count.index" || text == "each.key" || text == "each.value";
    });
    const bool hides = std::any_of(longest.begin(), longest.end(), [](const std::string& text) {
        return text.starts_with("local.") || text.starts_with("each.value.");
    });
    std::size_t named = 0;
    const auto take = [&](Found inner, const std::string& attribute) {
        ++named;
        for (Target& target : inner.targets) {
            if (!attribute.empty()) {
                target.attribute = attribute;
            }
            found.targets.push_back(std::move(target));
        }
        found.candidates.insert(found.candidates.end(), inner.candidates.begin(),
                                inner.candidates.end());
        found.names.insert(found.names.end(), inner.names.begin(), inner.names.end());
        found.exact = found.exact && inner.exact;
        found.by_index = found.by_index || inner.by_index;
    };
    for (const std::string& text : longest) {
        const Reference reference(text);
        const std::string_view head = reference.head();
        if (head == "count" || head == "path" || head == "terraform" || text == "each.key") {
            continue;
        }
        if (head == "each") {
            if (text == "each.value" && scope.for_each != nullptr) {
                take(follow({scope.module, scope.index, scope.all_indexes, nullptr},
                            *scope.for_each, wanted, scope.index, depth + 1),
                     "");
                found.by_index = true;
            }
            continue;
        }
        if (head == "local" || head == "self") {
            found.names.push_back(text);
            continue;
        }
        if (head == "var") {
            const auto call = calls_.find(without_indexes(scope.module));
            const Value* passed =
                call == calls_.end() || !reference.has(1)
                    ? nullptr
                    : member_of(member_of(call->second, "expressions"), reference.steps[1].text);
            if (passed == nullptr || member_of(passed, "references") == nullptr) {
                continue;  // a variable of the root, or a constant: known before apply
            }
            const auto [parent, index] = parent_of(scope.module);
            Scope outside{parent, index, module_indexes(scope.module),
                          member_of(call->second, "for_each_expression")};
            const std::string inner_pick =
                reference.is_index(2) ? reference.steps[2].text : std::string();
            take(follow(outside, *passed, wanted, inner_pick, depth + 1), "");
            continue;
        }
        if (head == "module") {
            if (!reference.has(2)) {
                found.names.push_back(text);
                found.exact = false;
                continue;
            }
            std::size_t at = 2;
            std::string inside = (scope.module.empty() ? "" : scope.module + ".") + "module." +
                                 reference.steps[1].text;
            if (reference.is_index(at)) {
                inside += "[" + reference.steps[at].text + "]";
                ++at;
            } else if (indexed && !scope.index.empty() &&
                       module_indexes(inside) == scope.all_indexes) {
                inside += "[" + scope.index + "]";
                found.by_index = true;
            }
            const auto module = modules_.find(without_indexes(inside));
            const Value* output = module == modules_.end() || !reference.has(at)
                                      ? nullptr
                                      : member_of(member_of(member_of(module->second, "outputs"),
                                                            reference.steps[at].text),
                                                  "expression");
            if (output == nullptr) {
                found.names.push_back(text);
                found.exact = false;
                continue;
            }
            const std::string inner_pick =
                reference.is_index(at + 1) ? reference.steps[at + 1].text : std::string();
            const std::size_t names_from = at + (inner_pick.empty() ? 1 : 2);
            take(follow({inside, "", {}, nullptr}, *output, wanted, inner_pick, depth + 1),
                 reference.rest(names_from));
            continue;
        }
        // A resource or a data source.
        const bool data = head == "data";
        const std::size_t type_at = data ? 1 : 0;
        if (!reference.has(type_at + 1)) {
            found.names.push_back(text);
            found.exact = false;
            continue;
        }
        ++named;
        const std::string key = (data ? "data." : "") + reference.steps[type_at].text + "." +
                                reference.steps[type_at + 1].text;
        std::size_t rest_at = type_at + 2;
        std::string index;
        if (reference.is_index(rest_at)) {
            index = reference.steps[rest_at].text;
            ++rest_at;
        }
        std::string attribute = reference.rest(rest_at);
        if (attribute.empty()) {
            attribute = "id";
        }
        found.names.push_back((scope.module.empty() ? "" : scope.module + ".") + text);
        std::vector<const Instance*> instances;
        if (const auto known = by_name_.find(scope.module + "|" + key); known != by_name_.end()) {
            for (const std::size_t i : known->second) {
                instances.push_back(&instances_[i]);
            }
        }
        if (!wanted.empty() && attribute == "id" &&
            !contains_word(wanted, reference.steps[type_at].text)) {
            found.exact = false;  // an id that something is put together from
            continue;
        }
        found.candidates.insert(found.candidates.end(), instances.begin(), instances.end());
        const Instance* chosen = nullptr;
        const auto with_index = [&](const std::string& wanted_index) {
            const auto at = std::find_if(
                instances.begin(), instances.end(),
                [&](const Instance* instance) { return instance->index == wanted_index; });
            return at == instances.end() ? nullptr : *at;
        };
        if (!index.empty()) {
            chosen = with_index(index);
        } else if (instances.size() == 1) {
            chosen = instances.front();
        } else if (!pick.empty()) {
            chosen = with_index(pick);
            found.by_index = true;
        } else if (indexed && !hides && !scope.index.empty()) {
            std::set<std::string> indexes;
            for (const Instance* instance : instances) {
                indexes.insert(instance->index);
            }
            if (indexes == scope.all_indexes) {
                chosen = with_index(scope.index);
                found.by_index = true;
            }
        }
        if (chosen == nullptr) {
            found.exact = false;
        } else {
            found.targets.push_back({chosen, attribute});
        }
    }
    // What hides in a local value or in each.value may be something else altogether.
    found.exact = found.exact && !hides && named > 0;
    return found;
}

Document::Found Document::follow(const Instance& from, const Cursor& at,
                                 std::string_view wanted) const {
    if (at.expression == nullptr) {
        Found none;
        none.exact = false;
        return none;
    }
    Scope scope{from.module, from.index, {}, nullptr};
    const std::string key =
        from.module + "|" + (from.data ? "data." : "") + from.type + "." + from.name;
    if (const auto known = by_name_.find(key); known != by_name_.end()) {
        for (const std::size_t i : known->second) {
            scope.all_indexes.insert(instances_[i].index);
        }
    }
    if (const Value* configuration = configuration_of(from)) {
        scope.for_each = member_of(configuration, "for_each_expression");
    }
    return follow(scope, *at.expression, wanted, "", 0);
}

Document::Resolved Document::resolve(const Instance& from, const Cursor& at,
                                     std::string_view wanted) const {
    Found found = follow(from, at, wanted);
    Resolved result;
    result.names = std::move(found.names);
    if (result.names.size() > kMostNames) {
        result.names.resize(kMostNames);
        result.names.emplace_back("...");
    }
    if (found.exact) {
        result.targets = std::move(found.targets);
        result.by_index = found.by_index;
    }
    return result;
}

std::vector<const Instance*> Document::candidates(const Instance& from, const Cursor& at,
                                                  std::string_view wanted) const {
    return follow(from, at, wanted).candidates;
}

// --- reading -------------------------------------------------------------------------------------

std::set<std::string> Document::module_indexes(const std::string& module) const {
    const std::string names = without_indexes(module);
    std::set<std::string> indexes;
    for (const auto& [path, index] : module_instances_) {
        if (without_indexes(path) == names) {
            indexes.insert(index);
        }
    }
    return indexes;
}

void Document::index_configuration(const Value& module, const std::string& path) {
    modules_[path] = &module;
    if (const Value* resources = module.find("resources")) {
        for (const Value& resource : resources->items) {
            const std::string key = (resource.text_at("mode") == "data" ? "data." : "") +
                                    std::string(resource.text_at("type")) + "." +
                                    std::string(resource.text_at("name"));
            resources_[path + "|" + key] = &resource;
        }
    }
    if (const Value* calls = module.find("module_calls")) {
        for (const auto& [name, call] : calls->members) {
            const std::string inner = path + name + ".";
            calls_[inner] = &call;
            if (const Value* called = call.find("module")) {
                index_configuration(*called, inner);
            }
        }
    }
}

const Value* Document::configuration_of(const Instance& instance) const {
    const auto known =
        resources_.find(without_indexes(instance.module) + "|" + (instance.data ? "data." : "") +
                        instance.type + "." + instance.name);
    return known == resources_.end() ? nullptr : known->second;
}

void Document::add(Instance instance) {
    if (const Value* configuration = configuration_of(instance)) {
        instance.state.expression = member_of(configuration, "expressions");
        instance.provider = configuration->text_at("provider_config_key");
    }
    const std::string key = instance.module + "|" + (instance.data ? "data." : "") + instance.type +
                            "." + instance.name;
    by_name_[key].push_back(instances_.size());
    for (std::string module = instance.module; !module.empty();) {
        auto [parent, index] = parent_of(module);
        module_instances_[module] = index;
        module = std::move(parent);
    }
    instances_.push_back(std::move(instance));
}

namespace {

Action action_of(const Value& actions) {
    bool creates = false;
    bool removes = false;
    Action action = Action::none;
    for (const Value& item : actions.items) {
        creates = creates || item.text == "create";
        removes = removes || item.text == "delete";
        if (item.text == "update") {
            action = Action::update;
        } else if (item.text == "read") {
            action = Action::read;
        }
    }
    return creates && removes ? Action::replace
           : creates          ? Action::create
           : removes          ? Action::remove
                              : action;
}

/// As addresses write it: 0, "x".
std::string index_of(const Value& holder, const char* key) {
    const Value* index = holder.find(key);
    return index == nullptr || index->is_null() ? std::string() : derived::to_json(*index);
}

}  // namespace

void Document::read_plan(Side side) {
    std::set<std::string> seen;
    for (const Value& resource : root().find("resource_changes")->items) {
        const Value* change = resource.find("change");
        if (change == nullptr || resource.find("deposed") != nullptr) {
            continue;  // what is left over from an earlier apply is not what the name stands for
        }
        Instance instance;
        instance.address = resource.text_at("address");
        instance.module = resource.text_at("module_address");
        instance.type = resource.text_at("type");
        instance.name = resource.text_at("name");
        instance.index = index_of(resource, "index");
        instance.data = resource.text_at("mode") == "data";
        if (const Value* actions = change->find("actions")) {
            instance.action = action_of(*actions);
        }
        const auto state = [&](const char* key) -> const Value* {
            const Value* value = change->find(key);
            return value != nullptr && value->is_object() ? value : nullptr;
        };
        const Value* before = state("before");
        const Value* after = state("after");
        if (after == nullptr && before != nullptr && instance.action == Action::none) {
            after = before;  // "forget": it stays, and Terraform does not look after it any more
        }
        seen.insert(instance.address);
        instance.state.value = side == Side::after ? after : before;
        instance.other.value = side == Side::after ? before : after;
        if (side == Side::after) {
            instance.state.unknown = change->find("after_unknown");
        }
        add(std::move(instance));
    }
    // Data sources that were read while planning, and resources whose change is not listed.
    if (const Value* values = member_of(root().find("prior_state"), "values")) {
        if (const Value* module = values->find("root_module")) {
            seen_ = std::move(seen);
            read_values(*module, true);
        }
    }
}

void Document::read_values(const Value& module, bool complete) {
    const std::string path(module.text_at("address"));
    if (const Value* resources = module.find("resources")) {
        for (const Value& resource : resources->items) {
            Instance instance;
            instance.address = resource.text_at("address");
            if (seen_.contains(instance.address)) {
                continue;
            }
            instance.module = path;
            instance.type = resource.text_at("type");
            instance.name = resource.text_at("name");
            instance.index = index_of(resource, "index");
            instance.data = resource.text_at("mode") == "data";
            instance.state.value = resource.find("values");
            if (complete) {
                instance.other = instance.state;
            } else {
                static const Value kEverything = Value::of(true);
                instance.state.unknown = &kEverything;  // what is left out is not known
            }
            add(std::move(instance));
        }
    }
    if (const Value* inner = module.find("child_modules")) {
        for (const Value& child : inner->items) {
            read_values(child, complete);
        }
    }
}

void Document::read_raw_state(const Value& resources) {
    const auto one = [&](std::string type, std::string name, std::string module, bool data,
                         std::string index, const Value* attributes) {
        Instance instance;
        instance.address = (module.empty() ? "" : module + ".") + (data ? "data." : "") + type +
                           "." + name + (index.empty() ? "" : "[" + index + "]");
        instance.type = std::move(type);
        instance.name = std::move(name);
        instance.module = std::move(module);
        instance.index = std::move(index);
        instance.data = data;
        instance.state.value = attributes;
        instance.other = instance.state;
        add(std::move(instance));
    };
    if (resources.is_array()) {  // terraform.tfstate, version 4
        for (const Value& resource : resources.items) {
            const Value* instances = resource.find("instances");
            if (instances == nullptr) {
                continue;
            }
            for (const Value& instance : instances->items) {
                one(std::string(resource.text_at("type")), std::string(resource.text_at("name")),
                    std::string(resource.text_at("module")), resource.text_at("mode") == "data",
                    index_of(instance, "index_key"), instance.find("attributes"));
            }
        }
        return;
    }
    for (const auto& [type, named] : resources.members) {  // {"type": {"name": {attributes}}}
        for (const auto& [name, attributes] : named.members) {
            one(type, name, "", false, "", &attributes);
        }
    }
}

Document::Document(const DerivedInput& input, Side side) : tree_(input.source, input.text) {
    const std::string_view version = root().text_at("format_version");
    if (!version.empty() && !version.starts_with("0.") && !version.starts_with("1.")) {
        throw derived::ParseError{
            tree_.offset_of(root().find("format_version")->place.node),
            "format_version " + std::string(version),
            "format_version 0.x or 1.x (a newer major version may mean something else)"};
    }
    if (const Value* module = member_of(root().find("configuration"), "root_module")) {
        index_configuration(*module, "");
    }
    if (const Value* changes = root().find("resource_changes");
        changes != nullptr && changes->is_array()) {
        is_plan_ = true;
        read_plan(side);
    } else if (const Value* planned = member_of(root().find("planned_values"), "root_module")) {
        is_plan_ = true;
        read_values(*planned, false);
    } else if (const Value* module = member_of(root().find("values"), "root_module")) {
        read_values(*module, true);
    } else if (const Value* resources = root().find("resources")) {
        read_raw_state(*resources);
    }
    learn_subscriptions();
}

// --- subscriptions -------------------------------------------------------------------------------

namespace {

std::string subscription_in(std::string_view id) {
    constexpr std::string_view kStart = "/subscriptions/";
    if (!id.starts_with(kStart)) {
        return "";
    }
    id.remove_prefix(kStart.size());
    return std::string(id.substr(0, id.find('/')));
}

}  // namespace

void Document::learn_subscriptions() {
    // Said by the provider's configuration.
    if (const Value* providers = member_of(root().find("configuration"), "provider_config")) {
        for (const auto& [key, provider] : providers->members) {
            const Value* said = member_of(member_of(&provider, "expressions"), "subscription_id");
            const Value* constant = member_of(said, "constant_value");
            if (constant != nullptr && constant->is_text()) {
                subscriptions_[key] = constant->text;
            } else if (const Value* references = member_of(said, "references")) {
                for (const Value& reference : references->items) {
                    const Value* variable =
                        reference.text.starts_with("var.")
                            ? member_of(root().find("variables"), reference.text.substr(4))
                            : nullptr;
                    const Value* value = member_of(variable, "value");
                    if (value != nullptr && value->is_text() && references->items.size() == 1) {
                        subscriptions_[key] = value->text;
                    }
                }
            }
        }
    }
    // Shown by the ids of what the provider manages already.
    std::map<std::string, std::set<std::string>> shown;
    for (const Instance& instance : instances_) {
        for (const Value* values : {instance.state.value, instance.other.value}) {
            if (values == nullptr || !instance.type.starts_with("azurerm_")) {
                continue;
            }
            std::string found;
            if (instance.data && (instance.type == "azurerm_client_config" ||
                                  instance.type == "azurerm_subscription")) {
                found = values->text_at("subscription_id");
            } else if (!instance.data) {
                found = subscription_in(values->text_at("id"));
            }
            if (!found.empty()) {
                std::transform(found.begin(), found.end(), found.begin(), [](char c) {
                    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
                });
                shown[instance.provider].insert(found);
            }
        }
    }
    for (const auto& [key, found] : shown) {
        if (found.size() == 1) {
            subscriptions_.try_emplace(key, *found.begin());
        }
    }
}

std::string Document::subscription_of(const Instance& instance) const {
    const auto known = subscriptions_.find(instance.provider);
    return known != subscriptions_.end()
               ? known->second
               : symbol("the subscription of provider " +
                        (instance.provider.empty() ? std::string("azurerm") : instance.provider));
}

}  // namespace azreach::terraform
