#include "src/arm/import.hpp"

#include <simdjson.h>

#include <algorithm>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "src/arm/derive.hpp"
#include "src/arm/gaps.hpp"
#include "src/arm/id_index.hpp"
#include "src/arm/input_files.hpp"
#include "src/arm/json_text.hpp"
#include "src/arm/merge.hpp"
#include "src/arm/open_parts.hpp"
#include "src/arm/other_inputs.hpp"
#include "src/arm/paas_resources.hpp"
#include "src/arm/pages.hpp"
#include "src/arm/readers.hpp"
#include "src/arm/recognise.hpp"
#include "src/arm/sha256.hpp"
#include "src/plan/overlay.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxDepth = 512;
/// Diagnostics of one code beyond this number are counted, not listed.
constexpr std::size_t kMostDiagnostics = 1000;
constexpr const char* kAccepted =
    "Resource Graph pages {data}, ARM lists {value}, an array of resources, az network ... list, "
    "one resource, ARM templates, Bicep snapshots, what-if, service tags, effective rules or "
    "routes";

std::string folded(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

/// Whether a text that is no JSON was meant to be an export: then leaving it out loses something.
bool mentions_azure(std::string_view text) {
    return text.find("/subscriptions/") != std::string_view::npos ||
           text.find("addressPrefix") != std::string_view::npos ||
           text.find("Microsoft.Network") != std::string_view::npos;
}

/// Where a syntax error is and what it is, from a slower parser that tells. Empty when that one
/// finds nothing wrong.
struct SyntaxError {
    std::size_t offset = 0;
    std::string words;
};
std::optional<SyntaxError> syntax_error_in(std::string_view text) {
    struct Ear : nlohmann::json_sax<nlohmann::json> {
        SyntaxError error;
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, const string_t&) override { return true; }
        bool string(string_t&) override { return true; }
        bool binary(binary_t&) override { return true; }
        bool start_object(std::size_t) override { return true; }
        bool key(string_t&) override { return true; }
        bool end_object() override { return true; }
        bool start_array(std::size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(std::size_t position, const std::string&,
                         const nlohmann::json::exception& problem) override {
            error.offset = position > 0 ? position - 1 : 0;
            error.words = problem.what();
            const std::size_t colon = error.words.find("] ");
            if (colon != std::string::npos) {
                error.words = error.words.substr(colon + 2);
            }
            const std::size_t where = error.words.find(": syntax error");
            if (where != std::string::npos) {
                error.words = error.words.substr(where + 2);
            }
            if (error.words.size() > 200) {
                error.words = error.words.substr(0, 200) + "...";
            }
            return false;
        }
    } ear;
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &ear)) {
        return std::nullopt;
    }
    return ear.error;
}

class Importer {
public:
    explicit Importer(const ImportOptions& options)
        : options_(options), places_(std::make_unique<SourceMap>()), parser_(kMaxDocument) {
        for (const ResourceReader& reader : readers()) {
            by_type_.emplace(folded(reader.type), &reader);
        }
    }

    /// `direct`: named by the user, not found in a folder.
    void add(const std::string& name, TextBuffer bytes, bool direct) {
        try {
            add_text(name, std::move(bytes), direct);
        } catch (const InputError& error) {
            if (direct || !options_.allow_incomplete) {
                throw;
            }
            note("AZR1003", Severity::error, name,
                 std::string("is not read to its end: ") + error.what());
            state_.snapshot.gaps.push_back({"AZR9003", name, "the file",
                                            "resources in the part that was not read are unknown"});
        }
    }

    /// From here to end_overlay() sources are laid over those that come later.
    void begin_overlay() {
        overlay_ = std::make_unique<Overlay>();
        collecting_ = true;
    }
    void end_overlay() {
        for (const Gap& gap : missing_pages(pages_)) {
            refuse_missing_page(gap);
        }
        read_derived();
        collecting_ = false;
        pending_.clear();
        if (overlay_->empty()) {
            note("AZR1062", Severity::warning, "", "the overlay changes no Azure resource");
        }
    }

    Imported finish() {
        Snapshot& snapshot = state_.snapshot;
        for (Gap& gap : missing_pages(pages_)) {
            refuse_missing_page(gap);
            snapshot.gaps.push_back(std::move(gap));
        }
        snapshot.complete_lists = complete_lists(pages_, snapshot.gaps);
        read_derived();
        if (overlay_ != nullptr) {
            lay_over();
        }
        merge_children(state_, *places_);
        join_paas_children(state_);
        // A bare copy of something that was read in full elsewhere.
        std::erase_if(snapshot.others,
                      [this](const auto& other) { return first_copy_.contains(other.first); });
        mark_open(state_, *places_);
        if (snapshot.size() == 0 && !options_.allow_empty) {
            throw_empty();
        }
        for (const auto& [type, seen] : unknown_types_) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1010";
            diagnostic.severity = Severity::info;
            diagnostic.message = std::to_string(seen.count) +
                                 (seen.count == 1 ? " resource" : " resources") + " of type " +
                                 type + " kept by name only: the meaning is not modelled";
            diagnostic.where = seen.first;
            snapshot.diagnostics.push_back(std::move(diagnostic));
        }
        find_gaps(
            snapshot, [this](const ResourceId& id) { return first_copy_.contains(id); },
            state_.mentions);
        fold_diagnostics();
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
    static constexpr std::size_t kMaxDocument = 0xFFFFFFFF;  // of one resource: simdjson's limit

    void refuse_missing_page(const Gap& gap) const {
        if (!options_.allow_incomplete) {
            Place place;
            place.file = gap.what;
            throw InputError(place, "", "a page that was cut off (" + gap.needed_for + ")",
                             "all pages of the listing",
                             "collect the other pages too, or use --allow-incomplete");
        }
    }

    void note(std::string code, Severity severity, const std::string& file, std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = std::move(code);
        diagnostic.severity = severity;
        diagnostic.message = std::move(message);
        diagnostic.place.file = file;
        state_.snapshot.diagnostics.push_back(std::move(diagnostic));
    }

    // --- one file -----------------------------------------------------------------------------

    void add_text(const std::string& name, TextBuffer bytes, bool direct) {
        const TextLimits limits{options_.max_bytes, options_.max_ratio};
        bytes = decompressed(name, std::move(bytes), limits);
        Source record;
        record.path = name;
        begin_digest(bytes.view());
        if (!is_plain(bytes.view())) {
            end_digest();  // what follows changes the bytes
            bytes = as_utf8(name, std::move(bytes));
        }
        const std::size_t begin = json::skip_space(bytes.view(), 0);
        if (begin == bytes.size()) {
            if (direct) {
                Place place;
                place.file = name;
                throw InputError(place, "", "an empty file", kAccepted);
            }
            note("AZR1002", Severity::warning, name, "is empty");
            return;
        }
        const char first = bytes.view()[begin];
        if (!direct && first != '{' && first != '[' && first != '/') {
            note("AZR1004", Severity::info, name, "is no JSON and was passed over");
            return;
        }
        json::Outline outline(bytes.view());
        if (outline.comments() && blank_out(bytes, {0, bytes.size()})) {
            outline = json::Outline(bytes.view());
        }
        Recognised what;
        if (outline.complete() && outline.deepest() <= kMaxDepth) {
            what = recognise(bytes.view(), outline);
            if (what.kind == InputKind::unknown &&
                blank_out(bytes, {0, bytes.size()})) {  // a trailing comma
                what = recognise(bytes.view(), outline);
            }
        }
        const std::uint32_t source = places_->add_source(name, std::move(bytes));
        if (what.kind == InputKind::unknown) {
            refuse_or_pass(source, outline, what, direct);
            return;
        }
        record.kind = std::string(to_string(what.kind));
        is_resource_graph_ =
            what.kind == InputKind::resource_graph || what.kind == InputKind::resource_graph_table;
        first_id_.clear();
        try {
            read_source(source, outline, what, record);
        } catch (const InputError&) {
            record_source(what, record);
            throw;
        }
        record_source(what, record);
    }

    /// The digest of a large file is made by a second thread, where one is allowed; the bytes
    /// stay as they are until it is done.
    void begin_digest(std::string_view bytes) {
        constexpr std::size_t kWorthAThread = std::size_t{1} << 20;
        const bool apart = options_.jobs > 1 && bytes.size() > kWorthAThread;
        digest_ = std::async(apart ? std::launch::async : std::launch::deferred,
                             [bytes] { return sha256(bytes); });
        digest_text_.clear();
    }
    const std::string& end_digest() {
        if (digest_.valid()) {
            digest_text_ = digest_.get();
        }
        return digest_text_;
    }
    bool blank_out(TextBuffer& text, json::Span span) {
        end_digest();
        return blank_out_comments(text.data() + span.begin, span.end - span.begin);
    }

    void record_source(const Recognised& what, Source& record) {
        record.sha256 = end_digest();
        pages_.push_back({record.path, what.kind, what.page, record.sha256, first_id_});
        state_.snapshot.sources.push_back(std::move(record));
    }

    /// A text that is none of the accepted inputs: says why.
    void refuse_or_pass(std::uint32_t source, const json::Outline& outline, const Recognised& what,
                        bool direct) {
        const std::string_view text = places_->text(source);
        const std::string& name = places_->name(source);
        if (!direct && !mentions_azure(text)) {
            note("AZR1004", Severity::info, name, "holds nothing of Azure and was passed over");
            return;
        }
        if (outline.deepest() > kMaxDepth) {
            throw InputError(places_->at_offset(source, outline.deepest_at(), ""), "",
                             "JSON nested more than " + std::to_string(kMaxDepth) + " deep",
                             "an export of Azure resources");
        }
        if (const auto error = syntax_error_in(text)) {
            const std::size_t open = outline.broken_at();
            if (error->offset + 1 >= text.size() && !outline.complete() && open < text.size()) {
                throw InputError(places_->at_offset(source, open, ""), "",
                                 std::string("a file that is cut off: '") + text[open] +
                                     "' is opened here and never closed",
                                 "valid JSON to its end", "export the file again");
            }
            throw InputError(places_->at_offset(source, error->offset, ""), "", error->words,
                             "valid JSON", "export the file again, or remove what is not JSON");
        }
        if (!direct) {
            note("AZR1004", Severity::warning, name,
                 "is none of the accepted inputs and was passed over: " + what.seen);
            return;
        }
        Place place;
        place.file = name;
        throw InputError(place, "", what.seen.empty() ? "something else" : what.seen, kAccepted);
    }

    /// Parses one span; throws with the place of what is wrong.
    simdjson::dom::element parse(std::uint32_t source, json::Span span, std::string_view pointer) {
        const auto attempt = [&](simdjson::dom::element& element) {
            const char* text = places_->text(source).data() + span.begin;
            return parser_.parse(text, span.end - span.begin, false).get(element);
        };
        simdjson::dom::element element;
        simdjson::error_code error = attempt(element);
        if (error != simdjson::SUCCESS &&
            blank_out_comments(places_->buffer(source).data() + span.begin,
                               span.end - span.begin)) {
            error = attempt(element);  // trailing commas
        }
        if (error == simdjson::SUCCESS) {
            return element;
        }
        const std::string_view text =
            places_->text(source).substr(span.begin, span.end - span.begin);
        const auto found = syntax_error_in(text);
        throw InputError(places_->at_offset(source, span.begin + (found ? found->offset : 0),
                                            std::string(pointer)),
                         "", found ? found->words : simdjson::error_message(error), "valid JSON",
                         "export the file again, or remove what is not JSON");
    }

    void read_source(std::uint32_t source, const json::Outline& outline, const Recognised& what,
                     Source& record) {
        const std::string_view text = places_->text(source);
        const json::Span whole = whole_of(source, outline);
        if (is_derived(what.kind)) {
            pending_.push_back({what.kind, {source, places_->name(source), text}});
            return;
        }
        if (what.kind == InputKind::packed_snapshot) {
            read_packed(source, outline, record);
            return;
        }
        if (comes_later(what.kind)) {
            parse(source, whole, "");
            note("AZR1005", Severity::warning, places_->name(source),
                 "recognised as " + std::string(to_string(what.kind)) +
                     ", not read yet: give the "
                     "resources themselves (az graph query, az network ... list)");
            return;
        }
        switch (what.kind) {
            case InputKind::service_tags:
            case InputKind::effective_security_rules:
            case InputKind::effective_routes:
            case InputKind::active_admin_rules:
            case InputKind::effective_vnets:
            case InputKind::collection_report: {
                const simdjson::dom::element document = parse(source, whole, "");
                ReadingResource reading{
                    *places_,
                    places_->add_resource(
                        {source, SourceMap::kNoColumns, whole.begin, whole.end - whole.begin, ""}),
                    std::string(to_string(what.kind)), state_.snapshot.diagnostics};
                const JsonCursor cursor(document, reading);
                if (what.kind == InputKind::service_tags) {
                    read_service_tags(cursor, state_.snapshot);
                } else if (what.kind == InputKind::collection_report) {
                    read_collection_report(cursor, options_.allow_incomplete, state_.snapshot);
                } else {
                    read_evidence(cursor, what.kind, !what.page.next.empty(), state_);
                }
                return;
            }
            case InputKind::resource_graph_table:
                check_other_members(source, outline, what);
                read_table(source, outline, what, record);
                return;
            case InputKind::powershell:
                note("AZR1006", Severity::info, places_->name(source),
                     "is a PowerShell export; Search-AzGraph ... | ConvertTo-Json -Depth 100 gives "
                     "the resources as Azure has them");
                break;
            default:
                break;
        }
        if (text[what.list.begin] == '{') {
            read_resource(source, what.list, "", SourceMap::kNoColumns, record);
            return;
        }
        const auto spans = json::items(text, what.list.begin, &outline);
        if (!spans) {
            malformed(source, what.list, what.list_pointer);
        }
        check_other_members(source, outline, what);
        first_copy_.reserve(spans->size());
        for (std::size_t i = 0; i < spans->size(); ++i) {
            read_resource(source, (*spans)[i], what.list_pointer + "/" + std::to_string(i),
                          SourceMap::kNoColumns, record);
        }
    }

    /// {"azreach": {"kind": "snapshot", "version": 1}, "sources": [{"path", "document"}]}: each
    /// document is a source with a name of its own, in one digest with the others.
    void read_packed(std::uint32_t source, const json::Outline& outline, Source& record) {
        const std::string_view text = places_->text(source);
        const std::size_t at = json::skip_space(text, 0);
        const auto fail = [&](std::size_t offset, const std::string& found,
                              const std::string& expected) {
            throw InputError(places_->at_offset(source, offset, ""), "", found, expected);
        };
        const auto members = json::members(text, at, &outline);
        json::Span sources{};
        for (const json::Member& member : *members) {
            if (member.key == "sources") {
                sources = member.value;
            } else {
                const simdjson::dom::element ours = parse(source, member.value, "/azreach");
                std::int64_t version = 0;
                if (member.key == "azreach" &&
                    (ours["version"].get(version) != simdjson::SUCCESS || version != 1)) {
                    fail(member.value.begin, "a packed snapshot of another version",
                         "version 1; pack it again with this program");
                }
            }
        }
        const auto entries = sources.end > 0 ? json::items(text, sources.begin, &outline)
                                             : std::optional<std::vector<json::Span>>();
        if (!entries) {
            fail(at, "a packed snapshot without sources", "\"sources\"");
        }
        const std::string outer = places_->name(source);
        for (const json::Span& entry : *entries) {
            const auto parts = json::members(text, entry.begin, &outline);
            if (!parts) {
                malformed(source, entry, "/sources");
            }
            std::string path;
            json::Span document{};
            for (const json::Member& part : *parts) {
                std::string_view name;
                if (part.key == "document") {
                    document = part.value;
                } else if (parse(source, part.value, "/sources").get(name) == simdjson::SUCCESS &&
                           part.key == "path") {
                    path = name;
                }
            }
            TextBuffer inner_text(text.substr(document.begin, document.end - document.begin));
            const json::Outline inner_outline(inner_text.view());
            const Recognised what = recognise(inner_text.view(), inner_outline);
            if (what.kind == InputKind::unknown || what.kind == InputKind::packed_snapshot) {
                fail(entry.begin, "a document that is none of the accepted inputs", kAccepted);
            }
            const std::string digest = sha256(inner_text.view());
            const std::uint32_t inner =
                places_->add_source(outer + "/" + path, std::move(inner_text));
            const std::string first = std::exchange(first_id_, std::string());
            read_source(inner, inner_outline, what, record);
            pages_.push_back({places_->name(inner), what.kind, what.page, digest, first_id_});
            first_id_ = first;
        }
    }

    [[noreturn]] void malformed(std::uint32_t source, json::Span span, const std::string& pointer) {
        parse(source, span, pointer);
        throw InputError(places_->at_offset(source, span.begin, pointer), "", "malformed JSON",
                         "valid JSON");
    }

    /// The one value of the file; nothing may follow it.
    json::Span whole_of(std::uint32_t source, const json::Outline& outline) {
        const std::string_view text = places_->text(source);
        const std::size_t begin = json::skip_space(text, 0);
        const std::size_t end = json::skip_value(text, begin, &outline).value_or(text.size());
        const std::size_t rest = json::skip_space(text, end);
        if (rest < text.size()) {
            throw InputError(places_->at_offset(source, rest, ""), "",
                             "text after the JSON document", "one JSON document a file",
                             "put each document into a file of its own");
        }
        return {begin, end};
    }

    /// What lies beside the list is validated too.
    void check_other_members(std::uint32_t source, const json::Outline& outline,
                             const Recognised& what) {
        const std::string_view text = places_->text(source);
        const std::size_t at = json::skip_space(text, 0);
        if (text[at] != '{') {
            return;
        }
        const auto members = json::members(text, at, &outline);
        if (!members) {
            malformed(source, {at, text.size()}, "");
        }
        for (const json::Member& member : *members) {
            const std::string pointer = "/" + json::escaped(member.key);
            if (member.value.begin == what.list.begin) {
                continue;
            }
            parse(source, member.value, pointer);
            if (equal_ignoring_case(member.key, what.list_pointer.substr(1))) {
                throw InputError(places_->at_offset(source, member.value.begin, pointer), "",
                                 "a second list '" + std::string(member.key) + "'", "one list");
            }
        }
    }

    /// {"columns": [{"name"}], "rows": [[...]]}: each row is read as the object that it stands for.
    void read_table(std::uint32_t source, const json::Outline& outline, const Recognised& what,
                    Source& record) {
        const std::string_view text = places_->text(source);
        const auto parts = json::members(text, what.list.begin, &outline);
        json::Span columns{};
        json::Span rows{};
        for (const json::Member& part : *parts) {
            if (equal_ignoring_case(part.key, "columns")) {
                columns = part.value;
            } else if (equal_ignoring_case(part.key, "rows")) {
                rows = part.value;
            } else {
                parse(source, part.value, what.list_pointer + "/" + json::escaped(part.key));
            }
        }
        std::vector<std::string> names;
        const simdjson::dom::element heads = parse(source, columns, what.list_pointer + "/columns");
        for (const simdjson::dom::element head : simdjson::dom::array(heads)) {
            const auto name = member_of(head, "name");
            std::string_view value;
            if (!name || name->get(value) != simdjson::SUCCESS) {
                throw InputError(
                    places_->at_offset(source, columns.begin, what.list_pointer + "/columns"), "",
                    "a column without a name", "a table of Azure Resource Graph");
            }
            names.emplace_back(value);
        }
        const auto spans = json::items(text, rows.begin, &outline);
        if (!spans) {
            malformed(source, rows, what.list_pointer + "/rows");
        }
        const std::uint32_t table = places_->add_columns(names);
        for (std::size_t i = 0; i < spans->size(); ++i) {
            const std::string pointer = what.list_pointer + "/rows/" + std::to_string(i);
            const auto values = json::items(text, (*spans)[i].begin, &outline);
            if (!values || values->size() != names.size()) {
                parse(source, (*spans)[i], pointer);
                throw InputError(places_->at_offset(source, (*spans)[i].begin, pointer), "",
                                 values ? std::to_string(values->size()) + " values" : "no row",
                                 std::to_string(names.size()) + " values, one a column");
            }
            read_resource(source, (*spans)[i], pointer, table, record);
        }
    }

    /// The object that a row stands for, as text with the padding that the parser needs.
    std::string_view object_of_row(std::uint32_t source, json::Span row, std::uint32_t table) {
        const std::string_view text = places_->text(source);
        const auto values = json::items(text, row.begin);
        row_text_.clear();
        row_text_ += '{';
        for (std::size_t i = 0; i < values->size(); ++i) {
            row_text_ += i == 0 ? "" : ",";
            row_text_ += nlohmann::json(places_->columns(table)[i]).dump();
            row_text_ += ':';
            row_text_ += text.substr((*values)[i].begin, (*values)[i].end - (*values)[i].begin);
        }
        row_text_ += '}';
        const std::size_t size = row_text_.size();
        row_text_.append(TextBuffer::kPadding, '\0');
        return std::string_view(row_text_).substr(0, size);
    }

    // --- one resource -------------------------------------------------------------------------

    void read_resource(std::uint32_t source, json::Span span, const std::string& pointer,
                       std::uint32_t table, Source& record) {
        simdjson::dom::element element;
        if (table == SourceMap::kNoColumns) {
            element = parse(source, span, pointer);
        } else {
            parse(source, span, pointer);  // the row itself, for the place of what is wrong
            const std::string_view object = object_of_row(source, span, table);
            if (parser_.parse(object.data(), object.size(), false).get(element) !=
                simdjson::SUCCESS) {
                malformed(source, span, pointer);
            }
        }
        read_element(
            element,
            places_->add_resource({source, table, span.begin, span.end - span.begin, pointer}),
            pointer, record, nullptr);
    }

    /// A parsed resource. `derived`: where symbols are noted; null for one that a file holds.
    void read_element(simdjson::dom::element element, std::uint32_t resource,
                      const std::string& pointer, Source& record, const DerivedResource* derived) {
        ReadingResource reading{*places_, resource, "resource", state_.snapshot.diagnostics};
        reading.symbols = derived != nullptr ? &state_.snapshot.symbols : nullptr;
        const JsonCursor cursor(element, reading);
        try {
            read_resource(cursor, record, derived != nullptr ? derived->exists_if : "");
        } catch (const InputError& error) {
            if (!options_.allow_incomplete) {
                throw;
            }
            Diagnostic diagnostic;
            diagnostic.code = "AZR1003";
            diagnostic.severity = Severity::error;
            diagnostic.message = std::string("left out: ") + error.what();
            diagnostic.where = {resource, places_->intern("")};
            state_.snapshot.diagnostics.push_back(std::move(diagnostic));
            state_.snapshot.gaps.push_back({"AZR9003", record.path + "#" + pointer, "the resource",
                                            "everything that it decides"});
        }
    }

    Header header_of(const JsonCursor& cursor) {
        Header header;
        header.where = cursor.provenance();
        header.name = cursor["name"].name_or("");
        header.type = cursor["type"].name_or("");
        const JsonCursor resource_type = cursor["resourceType"];  // PowerShell
        if (header.type.empty() && resource_type.is_string()) {
            header.type = resource_type.text_or("");
        }
        header.location = cursor["location"].name_or("");
        std::string id(cursor["id"].name_or(""));
        const JsonCursor resource_id = cursor["resourceId"];
        if (id.empty() && resource_id.is_string()) {
            id = resource_id.text_or("");  // PowerShell
        }
        if (id.empty() && !header.name.empty() && header.type.find('/') != std::string::npos) {
            // A query that projected the parts of the id, but not the id.
            const std::string_view subscription = cursor["subscriptionId"].text_or("");
            const std::string_view group = cursor["resourceGroup"].text_or("");
            if (!subscription.empty() && !group.empty() &&
                std::count(header.type.begin(), header.type.end(), '/') == 1 &&
                header.name.find('/') == std::string::npos) {
                id = "/subscriptions/" + std::string(subscription) + "/resourceGroups/" +
                     std::string(group) + "/providers/" + header.type + "/" + header.name;
            }
        }
        if (id.empty()) {
            cursor.fail("an Azure resource with an id",
                        "project the column id in the query (az graph query -q '... | project id, "
                        "name, type, location, tags, sku, properties')");
        }
        header.id = ResourceId(std::move(id));
        if (header.type.find('/') == std::string::npos) {
            header.type = header.id.type();
        }
        if (header.name.empty()) {
            header.name = std::string(header.id.name());
        }
        const JsonCursor tags = cursor["tags"];
        if (tags.is_object()) {
            for (const auto field : simdjson::dom::object(tags.element())) {
                std::string_view value;
                if (field.value.get(value) == simdjson::SUCCESS) {
                    header.tags.emplace(std::string(field.key), std::string(value));
                }
            }
        }
        return header;
    }

    /// `exists_if`: the symbol on which it hangs whether the resource exists; mostly "".
    void read_resource(const JsonCursor& cursor, Source& record, const std::string& exists_if) {
        if (!cursor.is_object()) {
            cursor.fail("an Azure resource (an object)");
        }
        const Header header = header_of(cursor);
        cursor.reading().subject = header.type + " '" + header.name + "'";
        ++record.resources;
        if (first_id_.empty()) {
            first_id_ = header.id.text();
        }
        if (overlay_ != nullptr && !releasing_) {
            hold(cursor, header.id, exists_if);
            return;
        }
        const ResourceReader* reader = reader_of(header);
        if (reader == nullptr) {
            const bool child = is_paas_child(header);
            const bool paas = !child && is_paas_resource(cursor, header) && !says_nothing(cursor);
            read_other(cursor, header, !paas && !child);
            if (paas) {
                read_paas_resource(cursor, header, {is_resource_graph_, exists_if.empty()}, state_);
            } else if (child) {
                read_paas_child(cursor, header, exists_if.empty(), state_);
            }
            return;
        }
        if (says_nothing(cursor)) {
            refuse_without_properties(cursor, header);
            return;
        }
        try {
            if (!exists_if.empty() && !keeps_conditional(header)) {
                throw SymbolicValue{exists_if, header.where};
            }
            if (!reader->decides.empty()) {
                if (const auto first = first_copy_.add(header.id, cursor.reading().resource)) {
                    merge_duplicate(*reader, header, *first, cursor);
                    return;
                }
            }
            reader->read(cursor, header, state_);
        } catch (const SymbolicValue& value) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1040";
            diagnostic.message = cursor.reading().subject +
                                 ": counts as not read, for it hangs on " + value.symbols +
                                 ", which is not known before deployment";
            diagnostic.where = value.where;
            state_.snapshot.diagnostics.push_back(std::move(diagnostic));
            state_.unread.push_back({header.id, value.symbols});
            read_other(cursor, header, false);
            state_.unread.back().other = state_.snapshot.others.at(header.id);
            return;
        }
        if (!exists_if.empty()) {
            state_.conditional.push_back({header.id, exists_if});
        }
    }

    const ResourceReader* reader_of(const Header& header) {
        const auto find = [&](const std::string& type) -> const ResourceReader* {
            const auto known = by_written_type_.find(type);
            if (known != by_written_type_.end()) {
                return known->second;
            }
            const auto reader = by_type_.find(folded(type));
            const ResourceReader* result = reader == by_type_.end() ? nullptr : reader->second;
            by_written_type_.emplace(type, result);
            return result;
        };
        const ResourceReader* reader = find(header.type);
        // The id may tell the type better than a shortened "type".
        return reader != nullptr ? reader : find(header.id.type());
    }

    /// No properties, neither nested nor flattened: `az resource list`, or a query that did not
    /// project them. A template's resource (it has an apiVersion) says so by leaving them out.
    static bool says_nothing(const JsonCursor& cursor) {
        const JsonCursor properties = cursor["properties"];
        if (properties) {
            return false;
        }
        if (properties.null()) {
            return true;
        }
        static constexpr std::string_view kHeader[] = {"id",
                                                       "name",
                                                       "type",
                                                       "location",
                                                       "tags",
                                                       "sku",
                                                       "kind",
                                                       "etag",
                                                       "zones",
                                                       "identity",
                                                       "managedBy",
                                                       "plan",
                                                       "resourceGroup",
                                                       "subscriptionId",
                                                       "tenantId",
                                                       "extendedLocation",
                                                       "createdTime",
                                                       "changedTime",
                                                       "provisioningState",
                                                       "systemData",
                                                       "resourceId",
                                                       "resourceType",
                                                       "resourceName",
                                                       "resourceGroupName",
                                                       "extensionResourceName",
                                                       "extensionResourceType",
                                                       "parentResource"};
        for (const auto field : simdjson::dom::object(cursor.element())) {
            const bool header = std::any_of(
                std::begin(kHeader), std::end(kHeader),
                [&](std::string_view key) { return equal_ignoring_case(key, field.key); });
            if (!header) {
                return false;
            }
        }
        return true;
    }

    void refuse_without_properties(const JsonCursor& cursor, const Header& header) {
        if (equal_ignoring_case(header.id.type(), "Microsoft.Network/applicationSecurityGroups")) {
            state_.snapshot.application_security_groups.try_emplace(
                header.id, ApplicationSecurityGroup{header});  // nothing more is read of them
            return;
        }
        cursor.diagnose("AZR1014", Severity::warning,
                        "has no properties here, so it counts as not read (az resource list leaves "
                        "them out; use az graph query)");
        state_.mentions.emplace_back(header.id, header.id);
        read_other(cursor, header, false);
    }

    /// A second copy of a resource.                                                     [J2]
    void merge_duplicate(const ResourceReader& reader, const Header& header, std::uint32_t first,
                         const JsonCursor& second) {
        const std::string_view before = places_->resource_text(first);
        const std::string_view after = places_->resource_text(second.reading().resource);
        if (before == after) {
            return;
        }
        std::set<std::size_t>& texts = other_copies_[header.id];
        if (!texts.insert(std::hash<std::string_view>{}(after)).second) {
            return;
        }
        const std::vector<std::string> differing = differing_properties(
            text_of(first, before), text_of(second.reading().resource, after), reader.decides);
        if (differing.empty()) {
            return;
        }
        std::string names;
        for (const std::string& name : differing) {
            names += (names.empty() ? "" : ", ") + name;
        }
        const Place other = places_->locate({first, Provenance::kNone});
        if (++different_copies_[header.id] >= kMostCopies ||
            !merge_copies(reader, header, differing, second, state_)) {
            throw InputError(places_->locate(header.where), second.reading().subject,
                             "a copy whose " + names + " differ from the copy at " + other.file +
                                 "#" + other.pointer,
                             "one copy, or equal ones", "remove the stale export");
        }
        second.diagnose("AZR1012", Severity::warning,
                        "two copies differ in " + names +
                            "; answers that hang on it are unknown (the other copy: " + other.file +
                            "#" + other.pointer + ")");
    }

    /// The resource's text as an object, also for a row of a table.
    std::string text_of(std::uint32_t resource, std::string_view text) {
        const SourceMap::Resource& place = places_->resource(resource);
        if (place.columns == SourceMap::kNoColumns) {
            return std::string(text);
        }
        return std::string(object_of_row(place.source, {place.offset, place.offset + place.length},
                                         place.columns));
    }

    // --- derived resources --------------------------------------------------------------------

    /// Line and column of a place of which a producer knows the pointer.
    void fill_line(const DerivedInputs& group, Place& place) {
        for (const auto* inputs : {&group.inputs, &group.parameter_files}) {
            for (const DerivedInput& input : *inputs) {
                if (place.line == 0 && !place.pointer.empty() && input.name == place.file) {
                    place = places_->at_offset(
                        input.source, json::offset_of(input.text, place.pointer), place.pointer);
                }
            }
        }
    }

    /// What templates, plans and the like stand for, when all files are there.
    void read_derived() {
        is_resource_graph_ = false;
        for (DerivedInputs& group : grouped(std::move(pending_))) {
            Derived derived;
            try {
                derived = derive(group, collecting_ ? Side::after : options_.side, collecting_);
            } catch (const derived::ParseError& error) {
                throw InputError(places_->at_offset(group.inputs.front().source, error.offset, ""),
                                 "", error.found, error.expected);
            } catch (const DeriveError& error) {
                throw InputError(places_->at_offset(error.source, error.offset, error.pointer),
                                 error.subject, error.found, error.expected, error.remedy);
            }
            for (Diagnostic& diagnostic : derived.diagnostics) {
                fill_line(group, diagnostic.place);
                state_.snapshot.diagnostics.push_back(std::move(diagnostic));
            }
            for (Gap& gap : derived.gaps) {
                state_.snapshot.gaps.push_back(std::move(gap));
            }
            for (DerivedResource& resource : derived.resources) {
                if (collecting_) {
                    overlay_->add(std::move(resource));
                    continue;
                }
                if (resource.effect == Effect::remove) {
                    continue;
                }
                const std::uint32_t index = places_->add_derived(resource);
                const SourceMap::Resource& text = places_->resource(index);
                const Place place = places_->locate({index, Provenance::kNone});
                // A source inside a packed snapshot is counted with the file around it.
                const auto record =
                    std::find_if(state_.snapshot.sources.begin(), state_.snapshot.sources.end(),
                                 [&](const Source& source) {
                                     return place.file == source.path ||
                                            place.file.starts_with(source.path + "/");
                                 });
                Source none;
                read_element(parse(text.source, {0, text.length}, ""), index, place.pointer,
                             record != state_.snapshot.sources.end() ? *record : none, &resource);
            }
        }
    }

    // --- an overlay ---------------------------------------------------------------------------

    /// A resource that is not read before it is known what the overlay makes of it.
    struct Held {
        std::uint32_t resource;
        ResourceId id;
        std::string exists_if;
        bool derived;
    };

    void hold(const JsonCursor& cursor, const ResourceId& id, const std::string& exists_if) {
        const std::uint32_t resource = cursor.reading().resource;
        if (collecting_) {
            DerivedResource change =
                places_->piece(resource, text_of(resource, places_->resource_text(resource)));
            change.exists_if = exists_if;
            overlay_->add(std::move(change));
        } else {
            held_.push_back({resource, id, exists_if, cursor.reading().symbols != nullptr});
        }
    }

    bool mentions_changes(simdjson::dom::element value) const {
        simdjson::dom::object object;
        simdjson::dom::array array;
        std::string_view text;
        if (value.get(object) == simdjson::SUCCESS) {
            return std::any_of(object.begin(), object.end(),
                               [&](const auto field) { return mentions_changes(field.value); });
        }
        if (value.get(array) == simdjson::SUCCESS) {
            return std::any_of(array.begin(), array.end(),
                               [&](const auto item) { return mentions_changes(item); });
        }
        return value.get(text) == simdjson::SUCCESS && overlay_->mentions(text);
    }

    void take(Derived derived) {
        for (Diagnostic& diagnostic : derived.diagnostics) {
            state_.snapshot.diagnostics.push_back(std::move(diagnostic));
        }
        for (Gap& gap : derived.gaps) {
            state_.snapshot.gaps.push_back(std::move(gap));
        }
        Source none;
        for (DerivedResource& resource : derived.resources) {
            const std::uint32_t index = places_->add_derived(resource);
            const SourceMap::Resource text = places_->resource(index);
            read_element(parse(text.source, {0, text.length}, ""), index,
                         places_->locate({index, Provenance::kNone}).pointer, none, &resource);
        }
    }

    /// Everything below is known: what the overlay leaves alone is read, the rest as it makes it.
    void lay_over() {
        std::vector<std::string> ids;
        ids.reserve(held_.size());
        for (const Held& held : held_) {
            ids.push_back(held.id.text());
        }
        releasing_ = true;
        take(overlay_->bind(ids));
        Source none;
        for (const Held& held : held_) {
            const SourceMap::Resource place = places_->resource(held.resource);
            const std::string text = text_of(held.resource, places_->resource_text(held.resource));
            simdjson::dom::element element = parse_copy(text);
            if (overlay_->touches(held.id) || mentions_changes(element)) {
                DerivedResource piece = places_->piece(held.resource, text);
                piece.exists_if = held.exists_if;
                overlay_->below(held.id, std::move(piece));
                continue;
            }
            DerivedResource derived;
            derived.exists_if = held.exists_if;
            read_element(element, held.resource, place.pointer, none,
                         held.derived ? &derived : nullptr);
        }
        take(overlay_->result());
        // What Azure computed before the change does not hold after it.
        Snapshot& snapshot = state_.snapshot;
        if (!snapshot.effective_security_rules.empty() || !snapshot.effective_routes.empty() ||
            !snapshot.active_admin_rules.empty() || !state_.groups_with_all_members.empty()) {
            note("AZR1061", Severity::warning, "",
                 "effective rules, routes and memberships show the state before the overlay; they "
                 "are not used");
            snapshot.effective_security_rules.clear();
            snapshot.effective_routes.clear();
            snapshot.active_admin_rules.clear();
            state_.groups_with_all_members.clear();
        }
    }

    simdjson::dom::element parse_copy(const std::string& text) {
        simdjson::dom::element element;
        if (parser_.parse(text.data(), text.size(), true).get(element) != simdjson::SUCCESS) {
            throw InputError("a resource cannot be parsed again");
        }
        return element;
    }

    // --- what is not modelled -----------------------------------------------------------------

    /// Collects the ids of subnets and public addresses anywhere in the properties, except where
    /// they are named as clients: firewall rules of services, users of policies.
    static void collect_ids(simdjson::dom::element value, std::size_t depth, OtherResource& other) {
        simdjson::dom::object object;
        simdjson::dom::array array;
        std::string_view text;
        if (depth > kMaxDepth) {
            return;
        }
        if (value.get(object) == simdjson::SUCCESS) {
            static constexpr std::string_view kClients[] = {"networkAcls",
                                                            "virtualNetworkRules",
                                                            "networkRuleSet",
                                                            "networkRuleSets",
                                                            "ipRules",
                                                            "ipSecurityRestrictions",
                                                            "scmIpSecurityRestrictions",
                                                            "serviceEndpointPolicies",
                                                            "routeTable",
                                                            "networkSecurityGroup"};
            for (const auto field : object) {
                const bool client = std::any_of(
                    std::begin(kClients), std::end(kClients),
                    [&](std::string_view key) { return equal_ignoring_case(key, field.key); });
                if (!client) {
                    collect_ids(field.value, depth + 1, other);
                }
            }
        } else if (value.get(array) == simdjson::SUCCESS) {
            for (const simdjson::dom::element item : array) {
                collect_ids(item, depth + 1, other);
            }
        } else if (value.get(text) == simdjson::SUCCESS && text.size() > 40 &&
                   text.front() == '/') {
            const ResourceId id{std::string(text)};
            const std::string type = id.type();
            const auto is = [&](const char* wanted) { return equal_ignoring_case(type, wanted); };
            if (is("Microsoft.Network/virtualNetworks/subnets")) {
                other.subnets.push_back(id);
            } else if (is("Microsoft.Network/publicIPAddresses") ||
                       is("Microsoft.Network/publicIPPrefixes")) {
                other.public_ips.push_back(id);
            }
        }
    }

    /// Does not depend on the order of keys, blanks, or what changes without anybody's doing.
    static std::uint64_t content_of(simdjson::dom::element value, std::size_t depth) {
        const auto mixed = [](std::uint64_t hash) {
            hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9ULL;
            hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBULL;
            return hash ^ (hash >> 31U);
        };
        const auto of_text = [](std::string_view text) {
            std::uint64_t hash = 0xCBF29CE484222325ULL;
            for (const char c : text) {
                hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
            }
            return hash;
        };
        static constexpr std::string_view kNoise[] = {
            "etag",         "provisioningState", "resourceGuid",     "timeCreated",
            "instanceView", "lastModifiedTime",  "lastModifiedAt",   "creationTime",
            "createdAt",    "updatedAt",         "uniqueIdentifier", "statusOfPrimary"};
        simdjson::dom::object object;
        simdjson::dom::array array;
        std::string_view text;
        std::uint64_t hash = 1;
        if (depth > kMaxDepth) {
            return hash;
        }
        if (value.get(object) == simdjson::SUCCESS) {
            for (const auto field : object) {
                const bool noise = std::any_of(
                    std::begin(kNoise), std::end(kNoise),
                    [&](std::string_view key) { return equal_ignoring_case(key, field.key); });
                if (!noise) {
                    hash +=
                        mixed(of_text(folded(field.key)) * 31 + content_of(field.value, depth + 1));
                }
            }
            return mixed(hash);
        }
        if (value.get(array) == simdjson::SUCCESS) {
            for (const simdjson::dom::element item : array) {
                hash = mixed(hash + content_of(item, depth + 1));
            }
            return hash;
        }
        if (value.get(text) == simdjson::SUCCESS) {
            return mixed(of_text(text));
        }
        return mixed(of_text(simdjson::minify(value)) + 7);
    }

    static void sort_ids(std::vector<ResourceId>& ids) {
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    }

    void read_other(const JsonCursor& cursor, const Header& header, bool count) {
        OtherResource other;
        other.header = header;
        static constexpr std::string_view kClientTypes[] = {"/virtualnetworkrules",
                                                            "/serviceendpointpolicies",
                                                            "/networkintentpolicies",
                                                            "/privateendpointconnections",
                                                            "/flowlogs",
                                                            "/networkwatchers"};
        const std::string type = folded(header.type);
        const bool client =
            std::any_of(std::begin(kClientTypes), std::end(kClientTypes),
                        [&](std::string_view end) { return type.find(end) != std::string::npos; });
        if (!client) {
            const JsonCursor properties = properties_of(cursor);
            if (properties) {
                collect_ids(properties.element(), 0, other);
                other.content = content_of(properties.element(), 0);
            }
            sort_ids(other.subnets);
            sort_ids(other.public_ips);
        }
        auto [known, fresh] = state_.snapshot.others.try_emplace(header.id, other);
        if (!fresh) {  // another copy: whatever either says
            OtherResource& first = known->second;
            first.content ^= other.content == first.content ? 0 : other.content;
            first.subnets.insert(first.subnets.end(), other.subnets.begin(), other.subnets.end());
            first.public_ips.insert(first.public_ips.end(), other.public_ips.begin(),
                                    other.public_ips.end());
            sort_ids(first.subnets);
            sort_ids(first.public_ips);
        } else if (count) {
            const auto [seen, first] = unknown_types_.try_emplace(
                header.type.empty() ? "(no type)" : header.type, Seen{0, header.where});
            ++seen->second.count;
        }
    }

    // --- the end ------------------------------------------------------------------------------

    [[noreturn]] void throw_empty() const {
        const Snapshot& snapshot = state_.snapshot;
        std::string message = "the snapshot is empty: no Azure resource in ";
        message += snapshot.sources.empty()
                       ? "the input"
                       : snapshot.sources.front().path + " (" + snapshot.sources.front().kind + ")";
        if (snapshot.sources.size() > 1) {
            message += " and " + std::to_string(snapshot.sources.size() - 1) + " more files";
        }
        std::size_t shown = 0;
        for (const Diagnostic& diagnostic : snapshot.diagnostics) {
            if (++shown > 20) {
                message += "\n  ...";
                break;
            }
            message += "\n  " +
                       (diagnostic.place.file.empty() ? "" : diagnostic.place.file + ": ") +
                       diagnostic.message;
        }
        throw InputError(message + "\n  Give " + kAccepted + " with -s.");
    }

    /// At most kMostDiagnostics of one code, and how many more there were.
    void fold_diagnostics() {
        std::vector<Diagnostic>& all = state_.snapshot.diagnostics;
        std::map<std::string, std::size_t> counts;
        std::erase_if(all, [&](const Diagnostic& diagnostic) {
            return ++counts[diagnostic.code] > kMostDiagnostics;
        });
        for (const auto& [code, count] : counts) {
            if (count > kMostDiagnostics) {
                Diagnostic diagnostic;
                diagnostic.code = code;
                diagnostic.message = "and " + std::to_string(count - kMostDiagnostics) +
                                     " more diagnostics of this code";
                all.push_back(std::move(diagnostic));
            }
        }
    }

    struct Seen {
        std::size_t count = 0;
        Provenance first;
    };

    ImportOptions options_;
    std::unique_ptr<SourceMap> places_;
    simdjson::dom::parser parser_;
    ImportState state_;
    std::unordered_map<std::string, const ResourceReader*> by_type_;          // lower case
    std::unordered_map<std::string, const ResourceReader*> by_written_type_;  // as met
    IdIndex first_copy_;
    std::unordered_map<ResourceId, std::set<std::size_t>> other_copies_;  // hashes of their texts
    std::unordered_map<ResourceId, std::size_t> different_copies_;
    std::map<std::string, Seen, IgnoringCase> unknown_types_;
    std::vector<PendingInput> pending_;  // sources that producers read at the end
    std::unique_ptr<Overlay> overlay_;   // null: there is none
    bool collecting_ = false;            // what is read now belongs to the overlay
    bool releasing_ = false;             // what was held is read now
    std::vector<Held> held_;
    std::vector<Page> pages_;
    std::string first_id_;             // of the source being read
    bool is_resource_graph_ = false;   // of the source being read
    std::future<std::string> digest_;  // of the source being read
    std::string digest_text_;
    std::string row_text_;
};

}  // namespace

namespace {

void add_paths(Importer& importer, const std::vector<std::string>& paths,
               const ImportOptions& options) {
    const TextLimits limits{options.max_bytes, options.max_ratio};
    for (const InputFile& file : input_files(paths)) {
        importer.add(file.path, read_file(file.path, limits), file.direct);
    }
}

}  // namespace

Imported import_paths(const std::vector<std::string>& paths, const ImportOptions& options) {
    Importer importer(options);
    if (!options.overlays.empty()) {
        importer.begin_overlay();
        add_paths(importer, options.overlays, options);
        importer.end_overlay();
    }
    add_paths(importer, paths, options);
    return importer.finish();
}

BothSides import_both_sides(const std::vector<std::string>& paths, const ImportOptions& options) {
    if (!options.overlays.empty()) {
        ImportOptions without = options;
        without.overlays.clear();
        return {import_paths(paths, without), import_paths(paths, options)};
    }
    ImportOptions before = options;
    before.side = Side::before;
    before.allow_empty = true;
    ImportOptions after = options;
    after.side = Side::after;
    after.allow_empty = true;
    BothSides both{import_paths(paths, before), import_paths(paths, after)};
    const auto& sources = both.after.snapshot.sources;
    if (std::none_of(sources.begin(), sources.end(), [](const Source& source) {
            return source.kind == to_string(InputKind::what_if) ||
                   source.kind == to_string(InputKind::terraform_plan);
        })) {
        throw InputError("no input holds two states: give a Terraform plan or a what-if");
    }
    return both;
}

Imported import_texts(const std::vector<std::pair<std::string, std::string>>& texts,
                      const ImportOptions& options) {
    Importer importer(options);
    if (!options.overlay_texts.empty()) {
        importer.begin_overlay();
        for (const auto& [name, text] : options.overlay_texts) {
            importer.add(name, TextBuffer(text), true);
        }
        importer.end_overlay();
    }
    for (const auto& [name, text] : texts) {
        importer.add(name, TextBuffer(text), true);
    }
    return importer.finish();
}

}  // namespace azreach
