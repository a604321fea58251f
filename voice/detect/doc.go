// Package detect listens to the far end of a call: who answered, when a machine's announcement is over, and when a person
// speaks and stops. It is pure: time is the number of frames it was given, each 160 samples, 20 ms.
//
// # Who answered
//
// People say a word or two and wait; machines talk on, and beep. So, from the answer on (not before: ringing and busy
// tones are for signalling):
//
//   - A frame is loud when its mean magnitude passes an absolute level, two and a half times the noise floor, and 4 % of the
//     loudest so far. Four loud frames in a row (80 ms) are speech; clicks are not, nor are tones, nor a hiss that begins
//     when the line opens: 280 ms of a loudness that does not move are noise, and are taken back.
//   - The greeting is the speech, and the pauses within it up to 200 ms each: pauses tell nothing, and counting them whole
//     makes a machine of "Alô? Quem fala?".
//   - 1.8 s of greeting is a machine. A greeting followed by 800 ms of silence is a person. Nothing for 4 s is silence; no
//     decision after 8 s is unknown.
//   - A beep at any time before the verdict is a machine, and within 6 s after the verdict it overrules it: short
//     announcements pass for people until they beep.
//
// A beep is one sine wave, whatever its frequency between 395 and 2,300 Hz, steady for 120 ms. Two samples of a sine
// predict the next exactly (x[n] = 2cos(w)·x[n-1] - x[n-2]); how badly that prediction fails, relative to the energy, tells
// a tone from all else, keys and voices included, and its coefficient tells the frequency. Where noise spoils the
// prediction the frame is taken for white noise and a sine; a sine that holds most of the energy for 240 ms is a beep too.
//
// Two bands are judged only when the tone is over and the pause after it is known: around 425 Hz, where exchanges send
// ringing (1 s in 5 s) and busy (250 ms in 500 ms), which are no beep; and around 2,100 Hz, where a fax answers with seconds
// of it (ITU-T T.30, V.8).
//
// After a machine was found, the announcement ends with its beep, or with 1.8 s of silence.
//
// What these rules get right on generated speech is measured by the package's test, which prints its table. They say
// nothing about calls in the field: the parameters are each campaign's own.
package detect
