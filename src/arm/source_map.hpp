// Where everything was read: turns Provenance into file, pointer, line and column on demand.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/azure/provenance.hpp"

namespace azreach {

/// Owns the (decompressed) source texts, so that lines can be found when somebody asks.
class SourceMap : public Locator {
  public:
    struct Resource {
        std::uint32_t source = 0;
        std::size_t offset = 0, length = 0;  // its text within the source
        std::string pointer;                 // JSON pointer of the resource in the source
    };

    std::uint32_t add_source(std::string name, std::string text);
    std::uint32_t add_resource(Resource resource);
    std::uint32_t intern(std::string_view relative_pointer);

    std::string_view text(std::uint32_t source) const { return sources_[source].text; }
    const std::string& name(std::uint32_t source) const { return sources_[source].name; }
    const Resource& resource(std::uint32_t index) const { return resources_[index]; }
    std::string_view resource_text(std::uint32_t index) const;

    /// Cost: one scan of the resource's text, and of the lines before it.
    Place locate(Provenance where) const override;
    /// Line and column (from 1) of a byte of a source.
    Place at_offset(std::uint32_t source, std::size_t offset, std::string pointer) const;

  private:
    struct SourceText {
        std::string name;
        std::string text;
    };
    std::deque<SourceText> sources_;
    std::vector<Resource> resources_;
    std::deque<std::string> paths_;
    std::unordered_map<std::string_view, std::uint32_t> path_index_;
};

}  // namespace azreach
