#include "src/arm/input_files.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

/// The files of a folder, sorted; links that lead back are followed once.
void collect(const std::filesystem::path& path, std::set<std::filesystem::path>& folders,
             std::vector<std::filesystem::path>& files) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(path, error);
    if (!error && !folders.insert(real).second) {
        return;
    }
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
            collect(entry, folders, files);
        } else if (std::filesystem::is_regular_file(entry, error)) {
            files.push_back(entry);
        }
    }
}

}  // namespace

std::vector<InputFile> input_files(const std::vector<std::string>& paths) {
    std::vector<InputFile> result;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            Place place;
            place.file = path;
            throw InputError(place, "", "no such file or folder", "a file or folder of Azure JSON");
        }
        if (!std::filesystem::is_directory(path, error)) {
            result.push_back({path, std::filesystem::path(path).filename().string(), true});
            continue;
        }
        std::set<std::filesystem::path> folders;
        std::vector<std::filesystem::path> files;
        collect(path, folders, files);
        for (const auto& file : files) {
            result.push_back({file.string(), file.lexically_relative(path).string(), false});
        }
    }
    return result;
}

}  // namespace azreach
