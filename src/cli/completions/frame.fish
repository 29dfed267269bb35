# Completion of nsbox for fish, as `nsbox completions fish` writes it.

set -g __nsbox_valued @VALUED@
set -g __nsbox_commands @COMMANDS@

# The place of the first word that is no option, from 2 up; nothing where there is none before the cursor.
function __nsbox_operand
    set -l words (commandline -opc)
    set -l at 2
    contains -- "$words[2]" $__nsbox_commands; and set at 3
    while test $at -le (count $words)
        switch $words[$at]
            case --
                set at (math $at + 1)
                test $at -le (count $words); and echo $at
                return
            case '-*'
                contains -- $words[$at] $__nsbox_valued; and set at (math $at + 1)
            case '*'
                echo $at
                return
        end
        set at (math $at + 1)
    end
end

# Whether options of one of these commands of nsbox can come next.
function __nsbox_in
    set -l words (commandline -opc)
    set -l command run
    contains -- "$words[2]" $__nsbox_commands; and set command $words[2]
    contains -- $command $argv; and test -z "$(__nsbox_operand)"
end

function __nsbox_is_first
    test (count (commandline -opc)) -eq 1
end

function __nsbox_is_diff
    contains -- --diff (commandline -opc)
end

# The words of a command that is there are completed as if it stood alone.
function __nsbox_rest
    set -l words (commandline -opc) (commandline -ct)
    set -l at (__nsbox_operand)
    test -n "$at"; and complete -C (string join ' ' -- (string escape -- $words[$at..-2]) "$words[-1]")
end

function __nsbox_profiles
    command nsbox profiles 2>/dev/null | string match -r '^[^ ]+'
    __fish_complete_suffix .toml
end

complete -c nsbox -f
complete -c nsbox -n 'test -n "$(__nsbox_operand)"; and not __nsbox_is_diff' -a '(__nsbox_rest)'
complete -c nsbox -n '__nsbox_in @RUNNERS@; and not __nsbox_is_diff' -a '(__fish_complete_command)'
complete -c nsbox -n __nsbox_is_diff -a '(__nsbox_profiles)'
complete -c nsbox -n '__nsbox_in @PROFILES@' -a '(__nsbox_profiles)'
complete -c nsbox -n '__nsbox_in @FILES@' -F
complete -c nsbox -n '__nsbox_in @SHELLS@' -a '@SHELLNAMES@'
complete -c nsbox -n '__nsbox_in @CALLS@' -a '@CALLNAMES@'
@OWN@
@FLAGS@
