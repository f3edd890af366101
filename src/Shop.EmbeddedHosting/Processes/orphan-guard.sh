# Outlives the process that started it by a moment, and ends what that process left behind.
# Reads from standard input, one instruction a line, until the writer is gone, however it went:
#   + <group> <signal>   this process group is to end, by this signal, when the writer is gone
#   - <group>            this process group has ended
#   > <folder>           this folder is thrown away when the writer is gone
#   < <folder>           this folder is gone already, or is to be kept
# Every child leads a process group of its own, so that a signal to the group also reaches its children.
exec >/dev/null 2>&1
trap '' INT TERM HUP QUIT
groups=' '
folders='
'
newline='
'
while read -r verb rest; do
  case $verb in
    +) groups="$groups${rest%% *}:${rest##* } " ;;
    -) left=' '; for entry in $groups; do [ "${entry%%:*}" = "$rest" ] || left="$left$entry "; done; groups=$left ;;
    '>') folders="$folders$rest$newline" ;;
    '<') folders="${folders%%"$newline$rest$newline"*}$newline${folders#*"$newline$rest$newline"}" ;;
  esac
done

for entry in $groups; do kill -s "${entry##*:}" -- "-${entry%%:*}" || kill -s "${entry##*:}" "${entry%%:*}"; done

# A server that was asked politely gets five seconds; a paused one, and a grandchild that did not listen, are killed after them.
tries=0
while [ "$tries" -lt 50 ]; do
  alive=''
  for entry in $groups; do kill -s 0 -- "-${entry%%:*}" && alive=yes; done
  [ -n "$alive" ] || break
  sleep 0.1
  tries=$((tries + 1))
done
for entry in $groups; do kill -s 9 -- "-${entry%%:*}"; done

printf '%s' "$folders" | while IFS= read -r folder; do [ -z "$folder" ] || rm -rf -- "$folder"; done
