// The files that inputs name: files and folders, before anything is read.
#pragma once

#include <string>
#include <vector>

namespace azreach {

struct InputFile {
    std::string path;
    std::string name;     // below the folder that was given; of a file, its own name
    bool direct = false;  // named by the user, not found in a folder
};

/// Folders recursively, in order of name, hidden entries passed over. Throws InputError for what is
/// not there.
std::vector<InputFile> input_files(const std::vector<std::string>& paths);

}  // namespace azreach
