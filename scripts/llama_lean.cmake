# Read by CMake when it comes to llama.cpp's own project (CMAKE_PROJECT_llama.cpp_INCLUDE). llama-cpp-python 0.3.36 forces the
# library of llama.cpp's command line tools on; nothing in Python loads it, and it is 52 of the 127 files that are compiled.
set(LLAMA_BUILD_COMMON OFF CACHE BOOL "Build llama.cpp common library" FORCE)
