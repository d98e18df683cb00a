// The file as a whole: its keys, what it includes, and that every name is defined.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>

#include "src/config/reader.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFiles = 256;

const std::vector<std::string>& built_in_sets() {
    static const std::vector<std::string> kSets = {"any", "internet", "onprem", "platform"};
    return kSets;
}

bool built_in(std::string_view name) {
    const auto& sets = built_in_sets();
    return std::find(sets.begin(), sets.end(), name) != sets.end();
}

std::string read_file(const std::string& path, const Place* from) {
    std::error_code error;
    const auto fail = [&](const std::string& what) {
        if (from != nullptr) {
            throw InputError(*from, "include", "'" + path + "', which cannot be read: " + what,
                             "a file", "");
        }
        throw InputError("cannot read " + path + ": " + what);
    };
    if (fs::is_directory(path, error)) {
        fail("it is a folder");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fail(std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
    }
    std::string text;
    char buffer[65536];
    while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
        text.append(buffer, static_cast<std::size_t>(file.gcount()));
        if (text.size() > kMaxYamlBytes) {
            break;  // parse_yaml says so
        }
    }
    return text;
}

std::string canonical(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    return error ? path : real.string();
}

class Loader {
public:
    explicit Loader(const LoadOptions& options) : options_(options) {}

    Config load(const std::string& path, std::optional<std::string> text) {
        config_.file = path;
        read(path, std::move(text), nullptr);
        define_services();
        define_sets();
        read_invariants();
        check_names();
        return std::move(config_);
    }

private:
    struct Definition {
        const YamlNode* value = nullptr;
        std::size_t file_index = 0;  // into parsed_
        Place place;
    };
    struct Parsed {
        std::string path;
        YamlNode root;
    };

    void read(const std::string& path, std::optional<std::string> text, const Place* from);
    std::string find_include(const YamlNode& node, const std::string& beside) const;
    void read_main(const YamlNode& root, const std::string& path);
    void gather(std::map<std::string, Definition>& to, const YamlNode& root, const char* key,
                std::size_t first_included);
    void define_services();
    const ServiceSet* service(const std::string& name);
    void define_sets();
    void read_invariants();
    void check_names() const;
    void check_set(const SetExpression& set) const;
    void check_cycles() const;

    const LoadOptions& options_;
    Config config_;
    std::vector<std::unique_ptr<Parsed>> parsed_;  // in the order of reading
    std::vector<std::string> open_;                // canonical paths being read
    std::set<std::string> done_;
    std::map<std::string, Definition> sets_, services_;
    std::set<std::string> services_open_;
    NamedServices named_ = [this](const std::string& name) { return service(name); };
};

/// Beside the including file; "packs/..." also where packs are installed.
std::string Loader::find_include(const YamlNode& node, const std::string& beside) const {
    const fs::path asked(text_of(node, "include"));
    const fs::path first = asked.is_absolute() ? asked : fs::path(beside).parent_path() / asked;
    std::error_code error;
    if (!fs::exists(first, error) && asked.is_relative() && !asked.empty() &&
        *asked.begin() == "packs") {
        for (const std::string& directory : options_.pack_directories) {
            const fs::path other = fs::path(directory) / asked.lexically_relative("packs");
            if (fs::exists(other, error)) {
                return other.string();
            }
        }
    }
    return first.string();
}

void Loader::read(const std::string& path, std::optional<std::string> text, const Place* from) {
    const std::string real = canonical(path);
    const auto cycle = std::find(open_.begin(), open_.end(), real);
    if (cycle != open_.end()) {
        std::string chain;
        for (auto it = cycle; it != open_.end(); ++it) {
            chain += fs::path(*it).filename().string() + " includes ";
        }
        throw InputError(*from, "include", "a cycle: " + chain + fs::path(real).filename().string(),
                         "files that do not include each other", "");
    }
    if (done_.contains(real)) {
        return;
    }
    if (parsed_.size() == kMaxFiles) {
        throw InputError(*from, "include", "more than " + std::to_string(kMaxFiles) + " files",
                         "fewer", "");
    }
    open_.push_back(real);
    const std::size_t first_included = parsed_.size();
    auto parsed = std::make_unique<Parsed>();
    parsed->path = path;
    parsed->root = parse_yaml(text ? *std::move(text) : read_file(path, from), path);
    const YamlNode& root = parsed->root;
    const bool main = from == nullptr;
    if (root.kind == YamlNode::Kind::null) {
        throw InputError({path, "", 1, 1}, "", "an empty file", "at least 'version: 1'", "");
    }
    check_keys(root, main ? "config" : "pack", main ? "the file" : "an included file");
    const YamlNode* version = find(root, "version");
    if (version == nullptr) {
        throw InputError(root.place, "the file", "no version", "version: 1", "");
    }
    if (version->kind != YamlNode::Kind::scalar || version->text != "1") {
        wrong(*version, "version", "1");
    }
    if (const YamlNode* include = find(root, "include")) {
        for (const YamlNode* item : texts_of(*include, "include")) {
            const std::string found = find_include(*item, path);
            read(found, std::nullopt, &item->place);
        }
    }
    if (main) {
        read_main(root, path);
    }
    gather(services_, root, "services", first_included);
    gather(sets_, root, "sets", first_included);
    config_.files.push_back(path);
    parsed_.push_back(std::move(parsed));
    open_.pop_back();
    done_.insert(real);
}

void Loader::read_main(const YamlNode& root, const std::string& path) {
    if (const YamlNode* snapshot = find(root, "snapshot")) {
        for (const YamlNode* item : texts_of(*snapshot, "snapshot")) {
            const fs::path asked(item->text);
            config_.snapshots.push_back(
                (asked.is_absolute() ? asked : fs::path(path).parent_path() / asked)
                    .lexically_normal()
                    .string());
        }
    }
    if (const YamlNode* reading = find(root, "reading")) {
        const std::string text = text_of(*reading, "reading");
        if (text != "strict" && text != "documented") {
            wrong(*reading, "reading", "strict or documented");
        }
        config_.reading = text == "strict" ? Reading::strict : Reading::documented;
    }
    const YamlNode* assume = find(root, "assume");
    if (assume == nullptr) {
        return;
    }
    if (assume->kind != YamlNode::Kind::map) {
        wrong(*assume, "assume", "a map, as in { onprem: [172.16.0.0/12] }");
    }
    Assumptions tried;
    for (const auto& [key, value] : assume->pairs) {
        std::string text;
        for (const YamlNode* part : texts_of(value, "assume, " + key.text)) {
            std::string word = part->text;
            if (!part->quoted && (word == "true" || word == "false")) {
                word = word == "true" ? "yes" : "no";
            }
            text += (text.empty() ? "" : ",") + word;
        }
        if (const auto error = tried.state(key.text, text, path)) {
            throw InputError(value.place, "assume, " + key.text, "'" + text + "'", "", *error);
        }
        config_.assume.push_back({key.text, text, key.place});
    }
}

/// Names of a file win over those of the files that it includes (parsed_ from `first_included` on).
void Loader::gather(std::map<std::string, Definition>& to, const YamlNode& root, const char* key,
                    std::size_t first_included) {
    const YamlNode* map = find(root, key);
    if (map == nullptr) {
        return;
    }
    if (map->kind != YamlNode::Kind::map) {
        wrong(*map, key, "a map from names to definitions");
    }
    const bool sets = std::string_view(key) == "sets";
    for (const auto& [name, value] : map->pairs) {
        const auto refuse = [&, &at = name](const std::string& why) {
            throw InputError(at.place, sets ? "set" : "service", "the name '" + at.text + "'", why,
                             "");
        };
        if (name.text.empty() || name.text.find_first_of(" \t\r\n(),:+&>") != std::string::npos ||
            name.text.front() == '/' || is_reserved(name.text)) {
            refuse("a word without blanks and ( ) , : + & >, and not on, via or not");
        }
        if (sets && (built_in(name.text) || parse_prefix(name.text))) {
            refuse("another: this one is built in");
        }
        if (!sets && parse_service(name.text)) {
            refuse("another: this one is a service already");
        }
        const auto known = to.find(name.text);
        if (known != to.end() && known->second.file_index < first_included) {
            throw InputError(name.place, sets ? "set" : "service",
                             "'" + name.text + "', which " + known->second.place.file + " line " +
                                 std::to_string(known->second.place.line) + " defines too",
                             "one definition among included files",
                             "the including file may define it anew");
        }
        to[name.text] = {&value, parsed_.size(), name.place};
    }
}

const ServiceSet* Loader::service(const std::string& name) {
    const auto known = config_.policy.services.find(name);
    if (known != config_.policy.services.end()) {
        return &known->second;
    }
    const auto definition = services_.find(name);
    if (definition == services_.end()) {
        return nullptr;
    }
    const YamlNode& node = *definition->second.value;
    if (!services_open_.insert(name).second) {
        throw InputError(definition->second.place, "service '" + name + "'",
                         "it in its own definition", "services without cycles", "");
    }
    ServiceSet set;
    for (const YamlNode* part : texts_of(node, "service '" + name + "'")) {
        set |= parse_services(part->text, text_place(*part), named_);
    }
    services_open_.erase(name);
    return &config_.policy.services.emplace(name, std::move(set)).first->second;
}

void Loader::define_services() {
    for (const auto& [name, definition] : services_) {
        service(name);
    }
}

void Loader::define_sets() {
    for (const auto& [name, definition] : sets_) {
        SetDefinition set = read_set(name, *definition.value);
        set.place = definition.place;
        config_.policy.sets.emplace(name, std::move(set));
    }
}

void Loader::read_invariants() {
    std::map<std::string, Place> ids;
    for (const std::unique_ptr<Parsed>& file : parsed_) {
        const YamlNode* invariants = find(file->root, "invariants");
        if (invariants != nullptr) {
            if (invariants->kind != YamlNode::Kind::sequence) {
                wrong(*invariants, "invariants", "a list");
            }
            for (const YamlNode& item : invariants->items) {
                Invariant invariant = read_invariant(item, named_);
                const auto [known, added] = ids.emplace(invariant.id, invariant.place);
                if (!added) {
                    throw InputError(invariant.place, "invariant '" + invariant.id + "'",
                                     "this id a second time, after " + known->second.file +
                                         " line " + std::to_string(known->second.line),
                                     "every id once", "");
                }
                config_.policy.invariants.push_back(std::move(invariant));
            }
        }
        const YamlNode* suppress = find(file->root, "suppress");
        if (suppress != nullptr) {
            if (suppress->kind != YamlNode::Kind::sequence) {
                wrong(*suppress, "suppress", "a list");
            }
            for (const YamlNode& item : suppress->items) {
                config_.policy.suppressions.push_back(read_suppression(item));
            }
        }
    }
    std::set<std::string> suppressed;
    for (const Suppression& suppression : config_.policy.suppressions) {
        if (!ids.contains(suppression.invariant)) {
            std::vector<std::string> known;
            for (const auto& [id, place] : ids) {
                known.push_back(id);
            }
            throw InputError(suppression.waiver.place, "suppress",
                             "the id '" + suppression.invariant + "'", "an invariant's id",
                             suggestion(suppression.invariant, known));
        }
        if (!suppressed.insert(suppression.invariant).second) {
            throw InputError(suppression.waiver.place, "suppress",
                             "'" + suppression.invariant + "' a second time",
                             "one suppression for an invariant", "");
        }
    }
}

void Loader::check_set(const SetExpression& set) const {
    for (const SetExpression& part : set.parts) {
        check_set(part);
    }
    if (set.op != SetExpression::Op::name) {
        return;
    }
    const std::string& name = set.name;
    // Endpoints as questions name them are looked up in the snapshot.
    if (sets_.contains(name) || built_in(name) || parse_prefix(name) ||
        name.find(':') != std::string::npos || name.find('/') != std::string::npos) {
        return;
    }
    std::vector<std::string> known = built_in_sets();
    for (const auto& [defined, definition] : sets_) {
        known.push_back(defined);
    }
    throw InputError(set.place, "set", "'" + name + "', which is not defined",
                     "a name under sets, any, internet, onprem, platform, or a prefix",
                     suggestion(name, known));
}

void Loader::check_cycles() const {
    std::set<std::string> done;
    std::vector<std::string> open;
    const std::function<void(const std::string&, const Place&)> visit = [&](const std::string& name,
                                                                            const Place& place) {
        const auto set = config_.policy.sets.find(name);
        if (set == config_.policy.sets.end() || done.contains(name)) {
            return;
        }
        if (std::find(open.begin(), open.end(), name) != open.end()) {
            throw InputError(place, "set '" + name + "'", "it in its own definition",
                             "sets without cycles", "");
        }
        if (open.size() > kMaxFiles) {
            throw InputError(place, "set '" + name + "'", "too many sets in a chain",
                             "a shorter chain", "");
        }
        open.push_back(name);
        const std::function<void(const SetExpression&)> names =
            [&](const SetExpression& expression) {
                for (const SetExpression& part : expression.parts) {
                    names(part);
                }
                if (expression.op == SetExpression::Op::name) {
                    visit(expression.name, expression.place);
                }
            };
        for (const SetExpression& expression : set->second.expressions) {
            names(expression);
        }
        open.pop_back();
        done.insert(name);
    };
    for (const auto& [name, set] : config_.policy.sets) {
        visit(name, set.place);
    }
}

void Loader::check_names() const {
    for (const auto& [name, set] : config_.policy.sets) {
        for (const SetExpression& expression : set.expressions) {
            check_set(expression);
        }
    }
    check_cycles();
    const auto check_flow = [&](const FlowExpression& flow) {
        check_set(flow.from);
        check_set(flow.to);
        for (const auto* list : {&flow.via, &flow.not_via}) {
            for (const SetExpression& set : *list) {
                check_set(set);
            }
        }
    };
    for (const Invariant& invariant : config_.policy.invariants) {
        for (const FlowExpression& flow : invariant.flows) {
            check_flow(flow);
        }
        for (const SetExpression& set : invariant.sets) {
            check_set(set);
        }
        for (const FlowException& exception : invariant.except) {
            check_flow(exception.flow);
        }
    }
}

}  // namespace

Config load_config(const std::string& path, const LoadOptions& options) {
    return Loader(options).load(path, std::nullopt);
}

Config parse_config(std::string text, const std::string& path, const LoadOptions& options) {
    return Loader(options).load(path, std::move(text));
}

std::optional<std::string> discover(const std::string& directory) {
    std::error_code error;
    fs::path at = fs::canonical(directory, error);  // "." would count as a folder of its own
    if (error) {
        return std::nullopt;
    }
    std::string shown = "azreach.yaml";  // relative, as a person would write it
    while (true) {
        if (fs::is_regular_file(at / "azreach.yaml", error)) {
            return shown;
        }
        if (fs::exists(at / ".git", error) || at == at.parent_path()) {
            return std::nullopt;
        }
        at = at.parent_path();
        shown = "../" + shown;
    }
}

const std::vector<std::string>& known_keys(std::string_view object) {
    static const std::vector<std::string> kConfig = {"version", "snapshot",   "reading",
                                                     "assume",  "include",    "services",
                                                     "sets",    "invariants", "suppress"};
    static const std::vector<std::string> kPack = {"version", "include",    "services",
                                                   "sets",    "invariants", "suppress"};
    static const std::vector<std::string> kSelector = {"type", "name",         "id",     "tag",
                                                       "rg",   "subscription", "vnet",   "subnet",
                                                       "asg",  "region",       "prefix", "except"};
    static const std::vector<std::string> kInvariant = {
        "id",      "title",    "deny",  "only",  "to",           "require",  "match", "isolate",
        "through", "limit",    "count", "max",   "no-new",       "same",     "on",    "services",
        "except",  "severity", "why",   "owner", "may-be-empty", "via-proxy"};
    static const std::vector<std::string> kException = {"flow", "reason", "owner", "expires"};
    static const std::vector<std::string> kSuppression = {"invariant", "reason", "owner",
                                                          "expires"};
    return object == "config"      ? kConfig
           : object == "pack"      ? kPack
           : object == "selector"  ? kSelector
           : object == "invariant" ? kInvariant
           : object == "exception" ? kException
                                   : kSuppression;
}

}  // namespace azreach::config
