# Completion of nsbox for fish, as `nsbox completions fish` writes it.

set -g __nsbox_valued @VALUED@
set -g __nsbox_commands @COMMANDS@

# What is done with desktop entries.
function __nsbox_verb
    set -l words (commandline -opc)
    contains -- "$words[2]" @ENTRIES@; and contains -- "$words[3]" @VERBS@; and echo $words[3]
end

# The place of the first word that is no option, from 2 up; nothing where there is none before the cursor.
function __nsbox_operand
    set -l words (commandline -opc)
    set -l at 2
    contains -- "$words[2]" $__nsbox_commands; and set at 3
    test -n "$(__nsbox_verb)"; and set at 4
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

# Whether that is done with desktop entries; with an empty word, whether it is still to be said what is.
function __nsbox_entries_to
    __nsbox_in @ENTRIES@; and test "$(__nsbox_verb)" = "$argv"
end

function __nsbox_entries
    for folder in (string split : -- (test -n "$XDG_DATA_DIRS"; and echo $XDG_DATA_DIRS; or echo /usr/local/share:/usr/share))
        string replace -r '^.*/(.*)\.desktop$' '$1' -- $folder/applications/*.desktop
    end
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
complete -c nsbox -n 'test -n "$(__nsbox_operand)"; and not __nsbox_is_diff; and test -z "$(__nsbox_verb)"' -a '(__nsbox_rest)'
complete -c nsbox -n '__nsbox_in @RUNNERS@; and not __nsbox_is_diff' -a '(__fish_complete_command)'
complete -c nsbox -n __nsbox_is_diff -a '(__nsbox_profiles)'
complete -c nsbox -n '__nsbox_in @PROFILES@' -a '(__nsbox_profiles)'
complete -c nsbox -n '__nsbox_in @FILES@' -F
complete -c nsbox -n '__nsbox_in @SHELLS@' -a '@SHELLNAMES@'
complete -c nsbox -n '__nsbox_in @CALLS@' -a '@CALLNAMES@'
complete -c nsbox -n '__nsbox_entries_to ""' -a '@VERBS@'
complete -c nsbox -n '__nsbox_entries_to add' -a '(__nsbox_entries)'
complete -c nsbox -n 'test "$(__nsbox_verb)" = remove' -a '(command nsbox desktop list 2>/dev/null | string match -r "^[^ ]+")'
@OWN@
@FLAGS@
