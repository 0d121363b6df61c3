package stack

// SynthOf is Synth with other functions.
var SynthOf = synth
