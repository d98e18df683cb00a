// Where everything was read: turns Provenance into file, pointer, line and column on demand.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/azure/provenance.hpp"
#include "src/arm/text_buffer.hpp"
#include "src/derived/derived.hpp"

namespace azreach {

/// Owns the (decompressed, normalised) source texts, so that lines can be found when somebody asks.
class SourceMap : public Locator {
public:
    static constexpr std::uint32_t kNoColumns = 0xFFFFFFFFU;
    static constexpr std::uint32_t kNoOrigins = 0xFFFFFFFFU;

    struct Resource {
        std::uint32_t source = 0;
        std::uint32_t columns = kNoColumns;  // a row of a table: which columns it has
        std::size_t offset = 0, length = 0;  // its text within the source
        std::string pointer;                 // JSON pointer of the resource in the source
        std::uint32_t derived = kNoOrigins;  // its text was derived: the origins of its values
    };

    std::uint32_t add_source(std::string name, TextBuffer text);
    std::uint32_t add_resource(Resource resource);
    /// The names of a table's columns; a row's property "name" stands at the index of that column.
    std::uint32_t add_columns(std::vector<std::string> names);
    /// A derived resource: its text, and where its values were written.
    std::uint32_t add_derived(DerivedResource resource);
    std::uint32_t intern(std::string_view relative_pointer);
    const std::vector<std::string>& columns(std::uint32_t index) const { return columns_[index]; }

    std::uint32_t sources() const { return static_cast<std::uint32_t>(sources_.size()); }
    std::string_view text(std::uint32_t source) const { return sources_[source].text.view(); }
    /// To overwrite bytes by blanks; nothing may move.
    TextBuffer& buffer(std::uint32_t source) { return sources_[source].text; }
    const std::string& name(std::uint32_t source) const { return sources_[source].name; }
    const Resource& resource(std::uint32_t index) const { return resources_[index]; }
    std::string_view resource_text(std::uint32_t index) const;
    /// The resource's text with the places of its values; `json` replaces the text of a row.
    DerivedResource piece(std::uint32_t index, std::string json) const;

    /// Cost: one pass over the resource's text before the value; lines are counted from the nearest
    /// of a table of checkpoints, which is made when a source is first asked about. Thread-safe.
    Place locate(Provenance where) const override;
    /// Line and column (bytes, from 1) of a byte of a source.
    Place at_offset(std::uint32_t source, std::size_t offset, std::string pointer) const;

private:
    /// The newlines before a byte, and where the last of them stands (npos: there is none).
    struct Checkpoint {
        std::size_t lines = 0;
        std::size_t last_newline = std::string_view::npos;
    };
    struct SourceText {
        std::string name;
        TextBuffer text;
        mutable std::vector<Checkpoint> checkpoints;  // every 64 KiB
    };
    Place locate_derived(const Resource& resource, const std::string& relative) const;
    Checkpoint lines_before(const SourceText& source, std::size_t offset) const;

    std::deque<SourceText> sources_;
    std::vector<Resource> resources_;
    std::vector<std::vector<std::string>> columns_;
    struct Origins {
        std::vector<WrittenAt> values;
        std::string address;
    };
    std::vector<Origins> origins_;
    std::deque<std::string> paths_;
    std::unordered_map<std::string_view, std::uint32_t> path_index_;
    mutable std::mutex lines_;
};

}  // namespace azreach
