{
  # CMakeLists.txt is the build definition; this lets node-gyp and tools that look for a binding.gyp call it.
  "targets": [
    {
      "target_name": "oomscope",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_js",
          "inputs": ["CMakeLists.txt"],
          # Never made, so that the action always runs: CMake alone knows what is out of date.
          "outputs": ["<(INTERMEDIATE_DIR)/always"],
          "action": [
            "node", "node_modules/cmake-js/bin/cmake-js", "compile",
            "--config", "<(CONFIGURATION_NAME)", "--out", "build/<(CONFIGURATION_NAME)"
          ],
        },
      ],
    },
  ],
}
