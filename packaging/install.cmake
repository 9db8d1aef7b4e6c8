# What `cmake --install build/release --prefix DIR` copies: the library, its headers and its package
# for find_package(ravine), the program, the documentation with the licences.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ravine)

install(TARGETS ravine EXPORT ravine-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ravine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ravine-targets NAMESPACE ravine:: DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ravine-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES packaging/ravine-config.cmake packaging/Finddnnl.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/ravine-config-version.cmake DESTINATION ${package_dir})

install(TARGETS ravine_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md CITATION.cff LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN api EXCLUDE)
