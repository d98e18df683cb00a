#include "src/snapshot/pack.hpp"

#include <zstd.h>

#include "src/arm/input_files.hpp"
#include "src/arm/json_scan.hpp"
#include "src/arm/json_text.hpp"
#include "src/arm/recognise.hpp"
#include "src/derived/value.hpp"

namespace azreach {

namespace {

/// Strict JSON of a document; what only the deployment service takes is written anew.
std::string strict(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    if (parser.parse(text.data(), text.size()).get(element) == simdjson::SUCCESS) {
        return std::string(text);
    }
    return derived::to_json(derived::Tree(0, text).root());
}

void take_apart(const std::string& name, std::string_view text, std::vector<Document>& documents) {
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    simdjson::dom::array sources;
    if (parser.parse(text.data(), text.size()).get(element) != simdjson::SUCCESS ||
        element["sources"].get(sources) != simdjson::SUCCESS) {
        throw InputError("a packed snapshot without sources: " + name);
    }
    for (const simdjson::dom::element source : sources) {
        std::string_view path;
        simdjson::dom::element document;
        if (source["path"].get(path) == simdjson::SUCCESS &&
            source["document"].get(document) == simdjson::SUCCESS) {
            documents.push_back({std::string(path), simdjson::minify(document)});
        }
    }
}

}  // namespace

std::vector<Document> documents_of(const std::vector<std::string>& paths,
                                   const ImportOptions& options) {
    const TextLimits limits{options.max_bytes, options.max_ratio};
    std::vector<Document> documents;
    for (const InputFile& file : input_files(paths)) {
        TextBuffer bytes = decompressed(file.path, read_file(file.path, limits), limits);
        if (!is_plain(bytes.view())) {
            bytes = as_utf8(file.path, std::move(bytes));
        }
        json::Outline outline(bytes.view());
        if (outline.comments() && blank_out_comments(bytes.data(), bytes.size())) {
            outline = json::Outline(bytes.view());
        }
        Recognised what = recognise(bytes.view(), outline);
        if (what.kind == InputKind::unknown && blank_out_comments(bytes.data(), bytes.size())) {
            what = recognise(bytes.view(), json::Outline(bytes.view()));
        }
        if (what.kind == InputKind::packed_snapshot) {
            take_apart(file.path, bytes.view(), documents);
        } else if (what.kind != InputKind::unknown) {
            try {
                documents.push_back({file.name, strict(bytes.view())});
            } catch (const derived::ParseError& error) {
                throw InputError(file.path + ": " + error.found + ", expected " + error.expected);
            }
        }
    }
    return documents;
}

Packed pack(const std::vector<Document>& documents, std::string_view version) {
    Packed result;
    result.text = "{\"azreach\": {\"kind\": \"snapshot\", \"version\": 1, \"writer\": ";
    write_text(version, result.text);
    result.text += "},\n\"sources\": [";
    simdjson::dom::parser parser;
    for (const Document& document : documents) {
        simdjson::dom::element element;
        if (parser.parse(document.text).get(element) != simdjson::SUCCESS) {
            throw InputError("not valid JSON: " + document.name);
        }
        result.text += result.sources++ == 0 ? "\n" : ",\n";
        result.text += "{\"path\": ";
        write_text(document.name, result.text);
        result.text += ", \"document\": ";
        write_without_secrets(element, result.text, result.removed);
        result.text += "}";
    }
    result.text += "\n]}\n";
    return result;
}

std::string compressed(std::string_view text) {
    constexpr int kLevel = 9;
    std::string result(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(result.data(), result.size(), text.data(), text.size(), kLevel);
    if (ZSTD_isError(size) != 0) {
        throw InputError(std::string("cannot compress: ") + ZSTD_getErrorName(size));
    }
    result.resize(size);
    return result;
}

}  // namespace azreach
