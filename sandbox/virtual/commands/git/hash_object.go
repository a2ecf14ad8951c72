package git

import "fmt"

func hashObject(r *repo, args []string) error {
	f, operands, after, _, err := parse("w stdin t:", args)
	if err != nil {
		return err
	}
	if f.has("stdin") {
		operands = append([]string{"-"}, operands...)
	}
	for _, name := range append(operands, after...) {
		data, err := r.operand(name)
		if err != nil {
			return err
		}
		h := hashOf("blob", data)
		if f.has("w") {
			if h, err = r.write("blob", data); err != nil {
				return err
			}
		}
		fmt.Fprintln(r.out, h)
	}
	return nil
}
