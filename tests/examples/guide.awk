# Makes one program of the blocks of docs/c.md: those of ```c top, then a main of those of ```c.
#     awk -f guide.awk docs/c.md >guide.c
/^```/ { kind = kind == "" ? substr($0, 4) : ""; next }
kind == "c top" { top = top $0 "\n" }
kind == "c" { body = body "  " $0 "\n" }
END { printf "%s\nint main(void) {\n%s  return 0;\n}\n", top, body }
