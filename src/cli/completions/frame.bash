# Completion of nsbox for bash, as `nsbox completions bash` writes it.

# The words as they were typed, up to the cursor: bash splits them at `=`, `:` and `@` as well.
_nsbox_words() {
    local line=${COMP_LINE:0:COMP_POINT} index rest word
    for ((index = 0; index <= COMP_CWORD; index++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        word=${COMP_WORDS[index]}
        ((index == COMP_CWORD)) && word=$rest
        if [[ $index -gt 0 && -n $rest && $rest == "$line" ]]; then
            words[-1]+=$word
        else
            words+=("$word")
            starts+=("$index")
        fi
        line=${rest#"$word"}
    done
}

_nsbox_flags() {
    case $1 in
@FLAGS@
    esac
}

# Offers those of the words in $1 that begin with $2.
_nsbox_offer() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_nsbox_files() {
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_nsbox_profiles() {
    local line names=
    while IFS= read -r line; do
        # Only plain names: compgen would expand anything else.
        [[ $line =~ ^[[:alnum:]._-]+ ]] && names+=" ${BASH_REMATCH[0]}"
    done < <(command nsbox profiles 2>/dev/null)
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- "$1"; compgen -d -- "$1")
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$names" -- "$1")
}

# Offers what can be done with desktop entries, or those that $verb can be done with.
_nsbox_entries() {
    local names= name folder folders
    case $verb in
    add)
        IFS=: read -ra folders <<<"${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
        for name in "${folders[@]/%//applications/}"; do
            folder=$name
            for name in "$folder"*.desktop; do
                name=${name#"$folder"} name=${name%.desktop}
                [[ $name =~ ^[[:alnum:]._-]+$ ]] && names+=" $name"
            done
        done
        ;;
    remove)
        while IFS= read -r name; do
            [[ $name =~ ^[[:alnum:]._-]+$ ]] && names+=" $name"
        done < <(command nsbox desktop list 2>/dev/null)
        ;;
    list) ;;
    *) names='@VERBS@' ;;
    esac
    _nsbox_offer "$names" "$1"
}

# Offers values for the flag $1 that begin with $2.
_nsbox_value() {
    case $1 in
@VALUES@
    esac
}

# Whether the flag $1 takes the next word as its value.
_nsbox_takes_value() {
    case $1 in
    @VALUED@) return 0 ;;
    esac
    return 1
}

_nsbox() {
    local words=() starts=() keep command=run at=1 last current options=yes diff= verb=
    _nsbox_words
    # Only the last part of a word is replaced, which is $2.
    keep=${words[-1]%"$2"}
    last=$((${#words[@]} - 1)) current=${words[-1]}
    case ${words[1]} in
    @COMMANDS@) ((last > 1)) && command=${words[1]} at=2 ;;
    esac
    for (( ; at < last; at++)); do
        case ${words[at]} in
        --) options= && ((at++)) && break ;;
        --diff) diff=yes ;;
        -?*) _nsbox_takes_value "${words[at]}" && ((++at == last)) && options=value ;;
        *)
            case $verb$command in
            @ENTRIES@) verb=${words[at]} ;;
            *) break ;;
            esac
            ;;
        esac
    done
    if ((at < last)); then
        _nsbox_rest
        return
    elif [[ $options == value ]]; then
        _nsbox_value "${words[last - 1]}" "$current"
    elif [[ $options && $current == --*=* ]]; then
        _nsbox_value "${current%%=*}" "${current#*=}"
        COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
    elif [[ $options && $current == -* ]]; then
        _nsbox_offer "$(_nsbox_flags "$command")" "$current"
    else
        _nsbox_first
    fi
    COMPREPLY=("${COMPREPLY[@]#"$keep"}")
}

# Offers what can be the first word that is no option.
_nsbox_first() {
    case $diff$command in
    yes* | @PROFILES@) _nsbox_profiles "$current" ;;
    @FILES@) _nsbox_files -f "$current" ;;
    @ENTRIES@) _nsbox_entries "$current" ;;
    @SHELLS@) _nsbox_offer '@SHELLNAMES@' "$current" ;;
    @CALLS@) _nsbox_offer '@CALLNAMES@' "$current" ;;
    *)
        if [[ $current == */* ]]; then
            _nsbox_files -f "$current"
        else
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
            ((last == 1)) && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W '@NAMES@' -- "$current")
        fi
        ;;
    esac
}

# Offers what can follow that word.
_nsbox_rest() {
    case $diff$command in
    yes*) _nsbox_profiles "$current" ;;
    @FILES@) _nsbox_files -f "$current" ;;
    @ENTRIES@) [[ $verb == remove ]] && _nsbox_entries "$current" ;;
    @PROFILES@ | @SHELLS@ | @CALLS@) ;;
    *)
        # The command is there: whoever knows it completes its words.
        if declare -F _comp_command_offset >/dev/null; then
            _comp_command_offset "${starts[at]}"
        elif declare -F _command_offset >/dev/null; then
            _command_offset "${starts[at]}"
        else
            _nsbox_files -f "$current"
        fi
        ;;
    esac
}

complete -F _nsbox nsbox
