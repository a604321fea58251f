// Package stop recognises people who say that they do not want to be contacted any more, in Portuguese, Spanish and English.
//
// # What is looked for
//
// A message that is a stop word and nothing else but politeness ("SAIR por favor") is of the class Word. All else is cut
// into clauses and their words are compared with patterns (rules.go): not wanting to receive, telling somebody to stop
// calling, asking to be taken off a list, withdrawing a consent, wanting to be left in peace. What fits is of the class
// Sentence. Words are compared without capitals and accents, with the abbreviations and misspellings of chats and of speech
// recognition.
//
// # What is not a stop
//
// A request that is itself denied ("não parem de me mandar"), one for another time ("não me ligue agora"), the end of
// something else ("cancele o meu pedido", "tira meu nome do Serasa"), a refusal of the offer ("não tenho interesse"), a
// wrong number, and words that only look alike ("stop by tomorrow", "baja el precio").
//
// Where a text can be read both ways it is taken for a stop: who is contacted once too seldom can be asked, who is
// contacted once too often cannot.
//
// # Who asks
//
// Nobody yet: channels on which people write back will. Links, keys and scripts tell of a stop by themselves.
package stop
