// Writes Resource Graph pages as `az graph query` prints them, without holding more than one page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace azreach::tenant {

/// Appends compact JSON to a string; sets the commas. Keys and strings are ASCII without anything
/// to escape: the generator makes them.
class JsonWriter {
public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);
    void string(std::string_view value);
    void number(std::uint64_t value);
    void boolean(bool value);
    void null();

    void begin_object(std::string_view name) { key(name), begin_object(); }
    void begin_array(std::string_view name) { key(name), begin_array(); }
    void member(std::string_view name, std::string_view value) { key(name), string(value); }
    void member(std::string_view name, const char* value) { key(name), string(value); }
    void member(std::string_view name, std::uint64_t value) { key(name), number(value); }
    void member(std::string_view name, bool value) { key(name), boolean(value); }
    void member(std::string_view name, const std::vector<std::string>& values);
    /// {"<name>": {"id": "<id>"}}, as ARM refers to other resources.
    void reference(std::string_view name, std::string_view id);

    const std::string& text() const { return text_; }
    void reserve(std::size_t bytes) { text_.reserve(bytes); }
    void clear();

private:
    void open(char bracket);
    void close(char bracket);
    void separate();

    std::string text_;
    bool first_ = true;  // nothing stands before in the open object or array, or a key does
};

/// The row that every resource has in Resource Graph, around its properties.
struct Row {
    std::string_view id;
    std::string_view name;
    std::string_view type;
    std::string_view location;
    std::string_view resource_group;
    std::string_view subscription;
    std::string_view sku = {};
    std::string_view role = {};  // value of the tag "role"
};

/// Pages of at most 1000 rows and about 15 MB, like the service's own limits.
class Pages {
public:
    /// `total` is announced on every page, so it must be the number of rows that will be written.
    Pages(std::filesystem::path folder, std::uint64_t total);

    /// Begins a row up to its open "properties" object; `end` closes both.
    JsonWriter& begin(const Row& row);
    void end();

    std::uint64_t rows() const { return rows_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    void flush();

    std::filesystem::path folder_;
    std::uint64_t total_;
    std::uint64_t rows_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t page_rows_ = 0;
    unsigned page_ = 0;
    JsonWriter json_;
    Row row_;
};

/// Replaces the file; throws std::runtime_error when it cannot.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace azreach::tenant
