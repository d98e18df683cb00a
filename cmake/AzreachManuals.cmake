# Run with -P: writes the manual pages and completion scripts that the program makes of its table.
execute_process(COMMAND ${PROGRAM} __commands OUTPUT_VARIABLE commands COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n" ";" commands "${commands}")
file(MAKE_DIRECTORY ${OUT}/man/man1 ${OUT}/bash-completion/completions ${OUT}/zsh/site-functions
    ${OUT}/fish/vendor_completions.d)
execute_process(COMMAND ${PROGRAM} __man OUTPUT_FILE ${OUT}/man/man1/azreach.1
    COMMAND_ERROR_IS_FATAL ANY)
foreach(command IN LISTS commands)
    if(command)
        execute_process(COMMAND ${PROGRAM} __man ${command}
            OUTPUT_FILE ${OUT}/man/man1/azreach-${command}.1 COMMAND_ERROR_IS_FATAL ANY)
    endif()
endforeach()
execute_process(COMMAND ${PROGRAM} completion bash
    OUTPUT_FILE ${OUT}/bash-completion/completions/azreach COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} completion zsh
    OUTPUT_FILE ${OUT}/zsh/site-functions/_azreach COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} completion fish
    OUTPUT_FILE ${OUT}/fish/vendor_completions.d/azreach.fish COMMAND_ERROR_IS_FATAL ANY)
file(TOUCH ${STAMP})
