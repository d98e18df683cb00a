#include "src/arm/source_map.hpp"

#include <algorithm>

#include "src/arm/json_scan.hpp"

namespace azreach {

std::uint32_t SourceMap::add_source(std::string name, std::string text) {
    sources_.push_back({std::move(name), std::move(text)});
    return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::uint32_t SourceMap::add_resource(Resource resource) {
    resources_.push_back(std::move(resource));
    return static_cast<std::uint32_t>(resources_.size() - 1);
}

std::uint32_t SourceMap::intern(std::string_view relative_pointer) {
    const auto known = path_index_.find(relative_pointer);
    if (known != path_index_.end()) {
        return known->second;
    }
    paths_.emplace_back(relative_pointer);
    const auto index = static_cast<std::uint32_t>(paths_.size() - 1);
    path_index_.emplace(paths_.back(), index);
    return index;
}

std::string_view SourceMap::resource_text(std::uint32_t index) const {
    const Resource& resource = resources_[index];
    return text(resource.source).substr(resource.offset, resource.length);
}

Place SourceMap::at_offset(std::uint32_t source, std::size_t offset, std::string pointer) const {
    const std::string_view text = this->text(source);
    offset = std::min(offset, text.size());
    const auto begin = text.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(offset);
    Place place;
    place.file = sources_[source].name;
    place.pointer = std::move(pointer);
    place.line = static_cast<std::size_t>(std::count(begin, end, '\n')) + 1;
    const std::size_t newline = text.substr(0, offset).rfind('\n');
    place.column = newline == std::string_view::npos ? offset + 1 : offset - newline;
    return place;
}

Place SourceMap::locate(Provenance where) const {
    if (!where.known() || where.resource >= resources_.size()) {
        return {};
    }
    const Resource& resource = resources_[where.resource];
    const std::string_view relative =
        where.path == Provenance::kNone ? std::string_view{} : std::string_view(paths_[where.path]);
    const std::size_t inside = json::offset_of(resource_text(where.resource), relative);
    return at_offset(resource.source, resource.offset + inside,
                     resource.pointer + std::string(relative));
}

}  // namespace azreach
