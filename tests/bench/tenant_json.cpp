#include "tests/bench/tenant_json.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

namespace azreach::tenant {
namespace {

constexpr std::uint64_t kRowsPerPage = 1000;
constexpr std::size_t kBytesPerPage = 15'000'000;
constexpr std::string_view kTenantId = "5f2a8c1e-0d4b-4c57-9a3e-6b1d7e90c2f4";

}  // namespace

void JsonWriter::clear() {
    text_.clear();
    first_ = true;
}

void JsonWriter::separate() {
    if (!first_) {
        text_ += ',';
    }
    first_ = false;
}

void JsonWriter::open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
}

void JsonWriter::close(char bracket) {
    text_ += bracket;
    first_ = false;
}

void JsonWriter::key(std::string_view name) {
    string(name);
    text_ += ':';
    first_ = true;
}

void JsonWriter::string(std::string_view value) {
    separate();
    text_ += '"';
    text_ += value;
    text_ += '"';
}

void JsonWriter::number(std::uint64_t value) {
    separate();
    fmt::format_to(std::back_inserter(text_), "{}", value);
}

void JsonWriter::boolean(bool value) {
    separate();
    text_ += value ? "true" : "false";
}

void JsonWriter::null() {
    separate();
    text_ += "null";
}

void JsonWriter::member(std::string_view name, const std::vector<std::string>& values) {
    begin_array(name);
    for (const std::string& value : values) {
        string(value);
    }
    end_array();
}

void JsonWriter::reference(std::string_view name, std::string_view id) {
    begin_object(name);
    member("id", id);
    end_object();
}

Pages::Pages(std::filesystem::path folder, std::uint64_t total)
    : folder_(std::move(folder)), total_(total) {
    json_.reserve(kBytesPerPage + kBytesPerPage / 4);
    json_.begin_array();
}

JsonWriter& Pages::begin(const Row& row) {
    row_ = row;
    json_.begin_object();
    json_.key("extendedLocation");
    json_.null();
    json_.member("id", row.id);
    json_.key("identity");
    json_.null();
    json_.member("kind", "");
    json_.member("location", row.location);
    json_.member("managedBy", "");
    json_.member("name", row.name);
    json_.key("plan");
    json_.null();
    json_.begin_object("properties");
    json_.member("provisioningState", "Succeeded");
    return json_;
}

void Pages::end() {
    json_.end_object();
    json_.member("resourceGroup", row_.resource_group);
    json_.key("sku");
    if (row_.sku.empty()) {
        json_.null();
    } else {
        json_.begin_object();
        json_.member("name", row_.sku);
        json_.member("tier", "Regional");
        json_.end_object();
    }
    json_.member("subscriptionId", row_.subscription);
    json_.begin_object("tags");
    json_.member("env", "prod");
    if (!row_.role.empty()) {
        json_.member("role", row_.role);
    }
    json_.end_object();
    json_.member("tenantId", kTenantId);
    json_.member("type", row_.type);
    json_.key("zones");
    json_.null();
    json_.end_object();

    ++rows_;
    ++page_rows_;
    if (page_rows_ == kRowsPerPage || json_.text().size() >= kBytesPerPage || rows_ == total_) {
        flush();
    }
}

void Pages::flush() {
    json_.end_array();
    ++page_;
    const bool last = rows_ == total_;
    const std::string page = fmt::format(
        "{{\"count\":{},\"data\":{},\"skip_token\":{},\"total_records\":{}}}\n", page_rows_,
        json_.text(), last ? "null" : fmt::format("\"page-{:05}\"", page_ + 1), total_);
    write_file(folder_ / fmt::format("resources-{:05}.json", page_), page);
    bytes_ += page.size();
    page_rows_ = 0;
    json_.clear();
    json_.begin_array();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    const auto close = [](std::FILE* file) { return std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "wb"), close);
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
        std::fflush(file.get()) != 0) {
        throw std::runtime_error(fmt::format("cannot write {}", path.string()));
    }
}

}  // namespace azreach::tenant
