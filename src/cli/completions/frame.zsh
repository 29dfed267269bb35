#compdef nsbox
# Completion of nsbox for zsh, as `nsbox completions zsh` writes it.

_nsbox_profiles() {
    local -a names
    # Lines that begin with a space go on about the profile above them.
    names=(${${(f)"$(command nsbox profiles 2>/dev/null)"}%% *})
    names=(${names:#})
    _alternative 'profiles:profile:compadd -a names' 'files:file:_files -g "*.toml"'
}

_nsbox_entries() {
    local -a names
    if (( $words[(I)remove] )); then
        names=(${${(f)"$(command nsbox desktop list 2>/dev/null)"}%% *})
        names=(${names:#})
        compadd -a names
    elif (( $words[(I)add] )); then
        names=(${^${(s.:.)${XDG_DATA_DIRS:-/usr/local/share:/usr/share}}}/applications/*.desktop(N:t:r))
        _alternative 'entries:desktop entry:compadd -a names' 'files:file:_files -g "*.desktop"'
    fi
}

_nsbox_start() {
    local -a own
    own=(
@OWN@
    )
    _alternative 'own:command of nsbox:{_describe -t own "command of nsbox" own}' 'commands:command:_command_names -e'
}

_nsbox() {
    local command=run first=_command_names\ -e
    local -a flags
    if (( CURRENT > 2 )) && [[ $words[2] == (@COMMANDS@) ]]; then
        command=$words[2]
        shift words
        (( CURRENT-- ))
    elif (( CURRENT == 2 )); then
        first=_nsbox_start
    fi
    case $command in
@FLAGS@
    esac
    case $command in
        (@PROFILES@) _arguments -s -S : $flags '1:profile:_nsbox_profiles' ;;
        (@FILES@) _arguments -s -S : $flags '*:profile:_files' ;;
        (@ENTRIES@) _arguments -s -S : $flags '1:what to do:(@VERBS@)' '*:desktop entry:_nsbox_entries' ;;
        (@CALLS@) _arguments -s -S : $flags '1:system call:(@CALLNAMES@)' ;;
        (@SHELLS@) _arguments -s -S : $flags '1:shell:(@SHELLNAMES@)' ;;
        (*)
            if (( $words[(I)--diff] )); then
                _arguments -s -S : $flags '*:profile:_nsbox_profiles'
            else
                _arguments -s -S -A '-*' : $flags "(-)1:command:$first" '*::arguments:_normal'
            fi
            ;;
    esac
}

if [[ $funcstack[1] == _nsbox ]]; then
    _nsbox "$@"
else
    compdef _nsbox nsbox
fi
