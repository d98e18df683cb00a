#include "src/arm/source_map.hpp"

#include <algorithm>

#include "src/arm/json_scan.hpp"

namespace azreach {

namespace {

constexpr std::size_t kCheckpoint = std::size_t{1} << 16;

}  // namespace

std::uint32_t SourceMap::add_source(std::string name, TextBuffer text) {
    sources_.push_back({std::move(name), std::move(text), {}});
    return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::uint32_t SourceMap::add_resource(Resource resource) {
    resources_.push_back(std::move(resource));
    return static_cast<std::uint32_t>(resources_.size() - 1);
}

std::uint32_t SourceMap::add_columns(std::vector<std::string> names) {
    columns_.push_back(std::move(names));
    return static_cast<std::uint32_t>(columns_.size() - 1);
}

std::uint32_t SourceMap::add_derived(DerivedResource resource) {
    const std::uint32_t source = add_source({}, TextBuffer(resource.json));
    origins_.push_back({std::move(resource.origins), std::move(resource.address)});
    Resource whole;
    whole.source = source;
    whole.length = text(source).size();
    whole.derived = static_cast<std::uint32_t>(origins_.size() - 1);
    return add_resource(std::move(whole));
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

SourceMap::Checkpoint SourceMap::lines_before(const SourceText& source, std::size_t offset) const {
    const std::string_view text = source.text.view();
    const auto advance = [&](Checkpoint& point, std::size_t begin, std::size_t count) {
        const std::string_view part = text.substr(begin, count);
        const std::size_t last = part.rfind('\n');
        if (last != std::string_view::npos) {
            point.lines += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
            point.last_newline = begin + last;
        }
    };
    const std::lock_guard lock(lines_);
    if (source.checkpoints.empty()) {
        Checkpoint point;
        for (std::size_t at = 0; at <= text.size(); at += kCheckpoint) {
            source.checkpoints.push_back(point);
            advance(point, at, kCheckpoint);
        }
    }
    const std::size_t nearest = offset / kCheckpoint;
    Checkpoint point = source.checkpoints[nearest];
    advance(point, nearest * kCheckpoint, offset - nearest * kCheckpoint);
    return point;
}

Place SourceMap::at_offset(std::uint32_t source, std::size_t offset, std::string pointer) const {
    offset = std::min(offset, text(source).size());
    const Checkpoint before = lines_before(sources_[source], offset);
    Place place;
    place.file = sources_[source].name;
    place.pointer = std::move(pointer);
    place.line = before.lines + 1;
    place.column =
        before.last_newline == std::string_view::npos ? offset + 1 : offset - before.last_newline;
    return place;
}

/// The nearest origin around the value tells.
DerivedResource SourceMap::piece(std::uint32_t index, std::string json) const {
    const Resource& resource = resources_[index];
    DerivedResource result;
    result.json = std::move(json);
    if (resource.derived != kNoOrigins) {
        result.origins = origins_[resource.derived].values;
        result.address = origins_[resource.derived].address;
    } else {
        result.origins = {{"", resource.source, resource.pointer, resource.columns == kNoColumns}};
    }
    return result;
}

Place SourceMap::locate_derived(const Resource& resource, const std::string& relative) const {
    const WrittenAt* nearest = nullptr;
    for (const WrittenAt& origin : origins_[resource.derived].values) {
        const bool around =
            relative.starts_with(origin.at) &&
            (relative.size() == origin.at.size() || relative[origin.at.size()] == '/');
        if (around && (nearest == nullptr || origin.at.size() > nearest->at.size())) {
            nearest = &origin;
        }
    }
    if (nearest == nullptr || nearest->source >= sources_.size()) {
        return {};
    }
    std::string pointer = nearest->pointer;
    if (nearest->verbatim) {
        pointer += relative.substr(nearest->at.size());
    }
    const std::size_t offset = json::offset_of(text(nearest->source), pointer);
    Place place = at_offset(nearest->source, offset, std::move(pointer));
    place.address = origins_[resource.derived].address;
    return place;
}

Place SourceMap::locate(Provenance where) const {
    if (!where.known() || where.resource >= resources_.size()) {
        return {};
    }
    const Resource& resource = resources_[where.resource];
    std::string relative = where.path < paths_.size() ? paths_[where.path] : std::string();
    if (resource.derived != kNoOrigins) {
        return locate_derived(resource, relative);
    }
    if (resource.columns != kNoColumns && relative.size() > 1) {
        const std::size_t slash = std::min(relative.find('/', 1), relative.size());
        const std::vector<std::string>& names = columns_[resource.columns];
        const auto column = std::find(names.begin(), names.end(), relative.substr(1, slash - 1));
        relative = "/" + std::to_string(column - names.begin()) + relative.substr(slash);
    }
    const std::size_t inside = json::offset_of(resource_text(where.resource), relative);
    return at_offset(resource.source, resource.offset + inside, resource.pointer + relative);
}

}  // namespace azreach
