#include "src/arm/import.hpp"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "src/arm/gaps.hpp"
#include "src/arm/json_text.hpp"
#include "src/arm/merge.hpp"
#include "src/arm/other_inputs.hpp"
#include "src/arm/readers.hpp"
#include "src/arm/recognise.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxDepth = 512;

std::string folded(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

/// The position and the words of a syntax error, found by a slower parser that tells them.
[[noreturn]] void syntax_error(const SourceMap& places, std::uint32_t source, std::size_t begin,
                               std::size_t end, const std::string& pointer,
                               std::string_view reason) {
    const std::string_view text = places.text(source).substr(begin, end - begin);
    std::size_t offset = begin;
    std::string found(reason);
    try {
        [[maybe_unused]] const bool ok = nlohmann::json::accept(text.begin(), text.end());
        const auto document = nlohmann::json::parse(text.begin(), text.end());
        (void)document;
    } catch (const nlohmann::json::parse_error& error) {
        offset = begin + (error.byte > 0 ? error.byte - 1 : 0);
        found = error.what();
        const std::size_t colon = found.find("] ");
        if (colon != std::string::npos) {
            found = found.substr(colon + 2);
        }
        if (found.size() > 200) {
            found = found.substr(0, 200) + "...";
        }
    } catch (const std::exception&) {
    }
    throw InputError(places.at_offset(source, offset, pointer), "", found, "valid JSON",
                     "export the file again, or remove what is not JSON");
}

std::size_t depth_of(std::string_view text) {
    std::size_t depth = 0;
    std::size_t most = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            most = std::max(most, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return most;
}

class Importer {
  public:
    explicit Importer(const ImportOptions& options)
        : options_(options), places_(std::make_unique<SourceMap>()), parser_(kMaxBytes) {
        for (const ResourceReader& reader : readers()) {
            by_type_.emplace(folded(reader.type), &reader);
        }
    }

    /// `direct`: named by the user, not found in a folder.
    void add(const std::string& name, std::string bytes, bool direct) {
        const TextLimits limits{options_.max_bytes, options_.max_ratio};
        bytes = decompressed(name, std::move(bytes), limits);
        Source source;
        source.path = name;
        source.sha256 = sha256(bytes);
        bytes = as_utf8(name, std::move(bytes));
        if (json::skip_space(bytes, 0) == bytes.size()) {
            if (direct) {
                Place place;
                place.file = name;
                throw InputError(place, "", "an empty file", "a file of Azure JSON",
                                 "azreach reads Resource Graph pages, ARM lists and az output");
            }
            note("AZR1002", Severity::warning, name, "is empty");
            return;
        }
        const char begin = bytes[json::skip_space(bytes, 0)];
        if (!direct && begin != '{' && begin != '[' && begin != '/') {
            note("AZR1004", Severity::info, name, "is no JSON and was passed over");
            return;
        }
        Recognised what = recognise(bytes);
        const bool plain = what.kind != InputKind::unknown && valid(bytes);
        if (!plain) {
            std::string cleaned = without_comments(bytes);
            if (cleaned != bytes) {
                bytes = std::move(cleaned);
                what = recognise(bytes);
            }
        }
        const std::uint32_t index = places_->add_source(name, std::move(bytes));
        source.kind = std::string(to_string(what.kind));
        try {
            read_source(index, what, source);
        } catch (const InputError& error) {
            if (direct) {
                throw;
            }
            note("AZR1003", Severity::error, name, std::string("is left out: ") + error.what());
            return;
        }
        state_.snapshot.sources.push_back(std::move(source));
    }

    Imported finish() {
        merge_children(state_, *places_);
        Snapshot& snapshot = state_.snapshot;
        if (snapshot.size() == 0) {
            std::string message = "the snapshot is empty: no Azure resource in ";
            message += snapshot.sources.empty() ? "the input" : snapshot.sources.front().path;
            if (snapshot.sources.size() > 1) {
                message += " and " + std::to_string(snapshot.sources.size() - 1) + " more files";
            }
            for (const Diagnostic& diagnostic : snapshot.diagnostics) {
                message += "\n  " + (diagnostic.place.file.empty() ? "" : diagnostic.place.file + ": ") +
                           diagnostic.message;
            }
            throw InputError(message +
                             "\n  Give Resource Graph pages (az graph query), ARM lists or az "
                             "network ... list output with -s.");
        }
        for (const auto& [type, count] : unknown_types_) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1010";
            diagnostic.severity = Severity::info;
            diagnostic.message = std::to_string(count) + (count == 1 ? " resource" : " resources") +
                                 " of type " + type +
                                 " kept by name only: its meaning is not modelled";
            snapshot.diagnostics.push_back(std::move(diagnostic));
        }
        find_gaps(snapshot);
        std::vector<std::string> digests;
        for (const Source& source : snapshot.sources) {
            digests.push_back(source.sha256);
        }
        std::sort(digests.begin(), digests.end());
        std::string all;
        for (const std::string& digest : digests) {
            all += digest + "\n";
        }
        snapshot.digest = "sha256:" + sha256(all);
        return {std::move(snapshot), std::move(places_)};
    }

  private:
    static constexpr std::size_t kMaxBytes = std::size_t{4} << 30;

    void note(std::string code, Severity severity, const std::string& file, std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = std::move(code);
        diagnostic.severity = severity;
        diagnostic.message = std::move(message);
        diagnostic.place.file = file;
        state_.snapshot.diagnostics.push_back(std::move(diagnostic));
    }

    bool valid(std::string_view text) {
        // Resources are validated one by one; here only the rest of a small file, or nothing.
        if (text.size() > (std::size_t{1} << 16)) {
            return true;
        }
        return parser_.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
    }

    /// Parses one span; throws with the place of what is wrong.
    simdjson::dom::element parse(std::uint32_t source, json::Span span, const std::string& pointer) {
        const std::string_view text = places_->text(source);
        simdjson::dom::element element;
        const auto error =
            parser_.parse(text.data() + span.begin, span.end - span.begin).get(element);
        if (error == simdjson::SUCCESS) {
            return element;
        }
        if (error == simdjson::DEPTH_ERROR ||
            depth_of(text.substr(span.begin, span.end - span.begin)) > kMaxDepth) {
            throw InputError(places_->at_offset(source, span.begin, pointer), "",
                             "JSON nested more than " + std::to_string(kMaxDepth) + " deep",
                             "an Azure resource");
        }
        syntax_error(*places_, source, span.begin, span.end, pointer, simdjson::error_message(error));
    }

    void read_source(std::uint32_t source, const Recognised& what, Source& record) {
        const std::string_view text = places_->text(source);
        const std::string& name = places_->name(source);
        if (comes_later(what.kind)) {
            note("AZR1005", Severity::warning, name,
                 "recognised as " + std::string(to_string(what.kind)) +
                     ", which this version does not read yet");
            return;
        }
        if (what.kind == InputKind::unknown) {
            const json::Span whole{json::skip_space(text, 0), text.size()};
            parse(source, whole, "");  // a syntax error says more than "unknown"
            Place place;
            place.file = name;
            throw InputError(place, "", what.seen.empty() ? "something else" : what.seen,
                             "Resource Graph pages {data}, ARM lists {value}, an array of "
                             "resources, one resource, service tags, or effective rules or routes");
        }
        if (what.cut_off) {
            Gap gap;
            gap.code = "AZR9003";
            gap.what = name;
            gap.needed_for = what.cut_off_by;
            gap.effect = "resources on the pages that are not here are unknown";
            pages_.push_back({what.kind, std::move(gap), what.announced});
            rows_announced_[what.announced] += what.rows;
        } else {
            last_pages_.insert(what.kind);
        }
        switch (what.kind) {
            case InputKind::service_tags:
                read_service_tags(parse(source, {json::skip_space(text, 0), text.size()}, ""),
                                  name, state_.snapshot);
                return;
            case InputKind::effective_security_rules:
            case InputKind::effective_routes:
            case InputKind::active_admin_rules:
            case InputKind::effective_vnets: {
                const simdjson::dom::element document =
                    parse(source, {json::skip_space(text, 0), text.size()}, "");
                const std::uint32_t resource =
                    places_->add_resource({source, 0, text.size(), ""});
                ReadingResource reading{*places_, resource, name, state_.snapshot.diagnostics};
                read_evidence(JsonCursor(document, reading), what.kind, state_);
                return;
            }
            case InputKind::resource:
                read_resource(source, what.list, "", record);
                return;
            case InputKind::resource_graph_table:
                read_table(source, what.list, record);
                return;
            default: break;
        }
        const auto spans = json::items(text, what.list.begin);
        if (!spans) {
            syntax_error(*places_, source, 0, text.size(), "", "malformed JSON");
        }
        // What lies outside the list is validated too.
        if (!what.list_pointer.empty()) {
            const auto members = json::members(text, json::skip_space(text, 0));
            for (const json::Member& member : *members) {
                if (member.value.begin != what.list.begin) {
                    parse(source, member.value, "/" + std::string(member.key));
                }
            }
        }
        const std::size_t end = json::skip_space(
            text, json::skip_value(text, json::skip_space(text, 0)).value_or(text.size()));
        if (end < text.size()) {
            throw InputError(places_->at_offset(source, end, ""), "", "text after the JSON document",
                             "one JSON document");
        }
        for (std::size_t i = 0; i < spans->size(); ++i) {
            read_resource(source, (*spans)[i], what.list_pointer + "/" + std::to_string(i), record);
        }
    }

    /// {"columns": [{"name"}], "rows": [[...]]}: zipped to objects.
    void read_table(std::uint32_t source, json::Span span, Source& record) {
        const simdjson::dom::element table = parse(source, span, "/data");
        const auto document = nlohmann::json::parse(std::string(simdjson::minify(table)));
        std::string text = "[";
        for (const auto& row : document["rows"]) {
            nlohmann::json item;
            for (std::size_t i = 0; i < row.size() && i < document["columns"].size(); ++i) {
                if (document["columns"][i].contains("name")) {
                    item[document["columns"][i]["name"].get<std::string>()] = row[i];
                }
            }
            text += (text.size() > 1 ? "," : "") + item.dump();
        }
        text += "]";
        const std::string name = places_->name(source);
        const std::uint32_t rewritten = places_->add_source(name, std::move(text));
        const auto spans = json::items(places_->text(rewritten), 0);
        for (std::size_t i = 0; i < spans->size(); ++i) {
            read_resource(rewritten, (*spans)[i], "/data/rows/" + std::to_string(i), record);
        }
    }

    void read_resource(std::uint32_t source, json::Span span, const std::string& pointer,
                       Source& record) {
        const simdjson::dom::element element = parse(source, span, pointer);
        const std::uint32_t resource =
            places_->add_resource({source, span.begin, span.end - span.begin, pointer});
        ReadingResource reading{*places_, resource, "resource", state_.snapshot.diagnostics};
        const JsonCursor cursor(element, reading);
        if (!cursor.is_object()) {
            cursor.fail("an Azure resource (an object)");
        }
        Header header;
        header.where = cursor.provenance();
        const JsonCursor id = cursor["id"];
        header.id = ResourceId(id.text_or(""));
        header.name = cursor["name"].text_or("");
        header.type = cursor["type"].text_or("");
        header.location = cursor["location"].text_or("");
        if (header.id.empty()) {
            if (!header.type.empty() || !header.name.empty()) {
                cursor.diagnose("AZR1011", Severity::warning,
                                "a resource without an id is left out: " + header.type + " " +
                                    header.name);
                return;
            }
            cursor.fail("an Azure resource with an id");
        }
        if (header.type.empty() || header.type.find('/') == std::string::npos) {
            header.type = header.id.type();
        }
        if (header.name.empty()) {
            header.name = std::string(header.id.name());
        }
        reading.subject = header.type + " '" + header.name + "'";
        const JsonCursor tags = cursor["tags"];
        if (tags.is_object()) {
            for (const auto field : simdjson::dom::object(tags.element())) {
                std::string_view value;
                if (field.value.get(value) == simdjson::SUCCESS) {
                    header.tags.emplace(std::string(field.key), std::string(value));
                }
            }
        }
        ++record.resources;
        const std::string type = folded(header.type);
        // Network Watcher's id form for default rules and the like is not a resource of its own.
        auto reader = by_type_.find(type);
        if (reader == by_type_.end()) {
            // The id may tell the type better than a shortened "type".
            reader = by_type_.find(folded(header.id.type()));
        }
        if (reader == by_type_.end()) {
            read_other(cursor, header);
            return;
        }
        const auto [known, fresh] = first_copy_.emplace(header.id, resource);
        if (!fresh && !duplicate(*reader->second, header, known->second, cursor)) {
            return;
        }
        reader->second->read(cursor, header, state_);
    }

    /// A second copy of a resource. True when it must be read (children are joined later); false
    /// when it says the same, or when what differs was marked as contested.               [J2]
    bool duplicate(const ResourceReader& reader, const Header& header, std::uint32_t first,
                   const JsonCursor& second) {
        if (reader.decides.empty()) {
            return true;  // children: joined, and compared, after everything is read
        }
        const std::string_view before = places_->resource_text(first);
        const std::string_view after = places_->resource_text(second.reading().resource);
        if (before == after) {
            return false;
        }
        const std::vector<std::string> differing = differing_properties(before, after, reader.decides);
        if (differing.empty()) {
            return false;
        }
        std::string names;
        for (const std::string& name : differing) {
            names += (names.empty() ? "" : ", ") + name;
        }
        if (!merge_copies(reader, header, differing, second, state_)) {
            const Place other = places_->locate({first, Provenance::kNone});
            throw InputError(places_->locate(header.where), second.reading().subject,
                             "a second copy whose " + names + " differ from the copy at " +
                                 other.file + "#" + other.pointer,
                             "one copy, or equal ones", "remove the stale export");
        }
        second.diagnose("AZR1012", Severity::warning,
                        "two copies differ in " + names +
                            "; answers that hang on it are unknown");
        return false;
    }

    void read_other(const JsonCursor& cursor, const Header& header) {
        OtherResource other;
        other.header = header;
        const JsonCursor properties = properties_of(cursor);
        const auto add = [&](const Ref& subnet) {
            if (subnet && std::find(other.subnets.begin(), other.subnets.end(), *subnet) ==
                              other.subnets.end()) {
                other.subnets.push_back(*subnet);
            }
        };
        for (const char* list : {"ipConfigurations", "gatewayIPConfigurations",
                                 "frontendIPConfigurations", "managementIpConfiguration"}) {
            const JsonCursor items = properties[list];
            if (items.is_array()) {
                items.for_each([&](const JsonCursor& item) {
                    if (item.is_object()) {
                        const JsonCursor inner = properties_of(item);
                        const JsonCursor subnet = inner["subnet"];
                        if (subnet.is_object()) {
                            add(subnet.reference());
                        }
                        const JsonCursor ip = inner["publicIPAddress"];
                        if (const Ref id = ip.is_object() ? ip.reference() : Ref{}) {
                            other.public_ips.push_back(*id);
                        }
                    }
                });
            }
        }
        const JsonCursor subnet = properties["subnet"];
        if (subnet.is_object()) {
            add(subnet.reference());
        }
        for (const char* key : {"subnetId", "virtualNetworkSubnetId", "vnetSubnetID",
                                "delegatedSubnetResourceId"}) {
            const JsonCursor value = properties[key];
            if (value.is_string() && !value.text_or("").empty()) {
                add(Ref{ResourceId(value.text_or(""))});
            }
        }
        ++unknown_types_[header.type.empty() ? "(no type)" : header.type];
        state_.snapshot.others.insert_or_assign(header.id, std::move(other));
    }

  public:
    /// Cut-off pages: an error unless the other pages are among the inputs too.
    void check_pages() {
        for (const auto& [kind, gap, announced] : pages_) {
            // All rows that this page announces were read, on pages that announce as many; or
            // the last page of a series (one that promises no further one) was read.
            const bool complete = announced > 0 ? rows_announced_[announced] >= announced
                                                : last_pages_.contains(kind);
            if (complete) {
                continue;
            }
            if (!options_.allow_incomplete) {
                Place place;
                place.file = gap.what;
                throw InputError(place, "", "a page that was cut off (" + gap.needed_for + ")",
                                 "all pages",
                                 "collect the following pages too, or use --allow-incomplete");
            }
            state_.snapshot.gaps.push_back(gap);
        }
    }

  private:
    ImportOptions options_;
    std::unique_ptr<SourceMap> places_;
    simdjson::dom::parser parser_;
    ImportState state_;
    std::unordered_map<std::string, const ResourceReader*> by_type_;
    std::unordered_map<ResourceId, std::uint32_t> first_copy_;
    std::map<std::string, std::size_t, IgnoringCase> unknown_types_;
    struct CutOff {
        InputKind kind;
        Gap gap;
        std::size_t announced;
    };
    std::vector<CutOff> pages_;
    std::map<std::size_t, std::size_t> rows_announced_;
    std::set<InputKind> last_pages_;
};

void collect(const std::filesystem::path& path, std::vector<std::filesystem::path>& files) {
    std::error_code error;
    std::vector<std::filesystem::path> entries;
    for (auto it = std::filesystem::directory_iterator(path, error);
         !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
        entries.push_back(it->path());
    }
    if (error) {
        Place place;
        place.file = path.string();
        throw InputError(place, "", "a folder that cannot be read (" + error.message() + ")",
                         "a readable folder");
    }
    std::sort(entries.begin(), entries.end());
    for (const auto& entry : entries) {
        const std::string name = entry.filename().string();
        if (!name.empty() && name.front() == '.') {
            continue;
        }
        if (std::filesystem::is_directory(entry, error)) {
            collect(entry, files);
        } else if (std::filesystem::is_regular_file(entry, error)) {
            files.push_back(entry);
        }
    }
}

}  // namespace

Imported import_paths(const std::vector<std::string>& paths, const ImportOptions& options) {
    Importer importer(options);
    for (const std::string& path : paths) {
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            Place place;
            place.file = path;
            throw InputError(place, "", "no such file or folder", "a file or folder of Azure JSON");
        }
        if (std::filesystem::is_directory(path, error)) {
            std::vector<std::filesystem::path> files;
            collect(path, files);
            for (const auto& file : files) {
                importer.add(file.string(), read_file(file.string()), false);
            }
        } else {
            importer.add(path, read_file(path), true);
        }
    }
    importer.check_pages();
    return importer.finish();
}

Imported import_texts(const std::vector<std::pair<std::string, std::string>>& texts,
                      const ImportOptions& options) {
    Importer importer(options);
    for (const auto& [name, text] : texts) {
        importer.add(name, text, true);
    }
    importer.check_pages();
    return importer.finish();
}

}  // namespace azreach
