package spec

// ScriptedModel is one models/<name>.yaml. Its content is the adapter's: spec, which may not import
// adapters, has checked it against the schema; Doc.Root.Decode gives it to model/scripted.
type ScriptedModel struct {
	Doc  *Document
	Name string
}

func (l *loader) loadModel(file, name string) {
	m := &ScriptedModel{Name: name}
	if m.Doc = l.open(file, "model", nil); m.Doc != nil {
		l.define(func(p *Project) { p.Models[name] = m })
	}
}
