package stop

import (
	"strconv"
	"strings"
	"sync"
)

// rule is a pattern of words in a language.
type rule struct {
	language  string
	parts     []part
	denies    bool // the denial is a part of it; a denial before it takes the meaning of all others away
	own       bool // it is about the speaker's own will: it does not matter of whom it is told
	elsewhere bool // words that show that something else is to be ended do so too
}

// part is a piece of a pattern: one word of several, a gap of words, the beginning or the end of the clause.
type part struct {
	words      map[string]bool
	sets       []func() map[string]bool
	prefixes   []string
	gap        int
	begin, end bool
	optional   bool
}

func (p *part) is(word string) bool {
	if p.words[word] {
		return true
	}
	for _, s := range p.sets {
		if s()[word] {
			return true
		}
	}
	for _, prefix := range p.prefixes {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// sets of words by the names that patterns use.
func named(name string) func() map[string]bool {
	switch name {
	case "PTNOUN":
		return ptNoun
	case "PTVERB":
		return ptVerb
	case "PTPLAIN":
		return ptPlain
	case "PTBOTHER":
		return ptBother
	case "PTREMOVE":
		return ptRemove
	case "ESNOUN":
		return esNoun
	case "ESVERB":
		return esVerb
	case "ESPLAIN":
		return esPlain
	case "ESBOTHER":
		return esBother
	case "ESREMOVE":
		return esRemove
	case "ESME":
		return esMe
	case "ENNOUN":
		return enNoun
	case "ENVERB":
		return enVerb
	case "ENAFTER":
		return enAfter
	case "ENBOTHER":
		return enBother
	case "LIST":
		return list
	case "MINE":
		return mine
	default:
		panic("stop: no set " + name)
	}
}

// compile reads a pattern: words with | between those that may stand in one place, NAMES of sets, stem~ for all words that
// begin so, ? after what may be missing, *3 for up to three words, ^ and $ for the beginning and the end of the clause. A
// line that begins with ! is of a request that could be about something else, one with + is about the speaker's own will.
func compile(pattern string) []part {
	fields := strings.Fields(pattern)
	out := make([]part, 0, len(fields))
	for _, f := range fields {
		p := part{words: map[string]bool{}}
		f, p.optional = strings.CutSuffix(f, "?")
		switch {
		case f == "^":
			p.begin = true
		case f == "$":
			p.end = true
		case f[0] == '*':
			n, err := strconv.Atoi(f[1:])
			if err != nil {
				panic("stop: pattern " + pattern)
			}
			p.gap = n
		default:
			for _, w := range strings.Split(f, "|") {
				switch stem, is := strings.CutSuffix(w, "~"); {
				case is:
					p.prefixes = append(p.prefixes, stem)
				case w[0] >= 'A' && w[0] <= 'Z':
					p.sets = append(p.sets, named(w))
				default:
					p.words[w] = true
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// Patterns by language. Those that deny begin with their denial; the others are requests, which a denial before them undoes.
const (
	ptDenials = `
+ nao tenho|temos *2 interesse *2 receber|contato|mensagens|ligacoes
+ nao|nunca|jamais quero|queremos|desejo|desejamos|gostaria|pretendo|aceito|queria|quer|preciso *4 receber|recebendo|recebo
+ nao|nunca|jamais quero|queremos|desejo|desejamos|gostaria|aceito|autorizo|permito|queria|preciso *4 PTNOUN
+ nao|nunca|jamais quero|queremos|desejo|desejamos|gostaria|aceito|autorizo|permito|queria *1 que *4 PTVERB
+ ^ *2 nao quero mais $
+ nao quero mais $
nao|nunca|jamais mais? me|nos|mi mais? PTVERB
nao|nunca|jamais mais? PTVERB *1 mais
nunca|jamais mais me|nos PTVERB
nao|nunca PTVERB *1 pra|para|nesse|neste|esse|este|a mim|numero|telefone|celular|gente
^ nao PTPLAIN $
nao PTBOTHER
nao|nunca|jamais voltem|volte|volta|tornem|torne|voltar *1 a *1 PTVERB
+ nao|nunca e? pra|para me|mais PTVERB
nao PTVERB *2 mensagem|mensagens|msg|msgs mais
nao fica|fique|fiquem *1 PTVERB
+ nao autorizo|dou|concedo *3 contato|autorizacao|permissao|consentimento|uso|dados|tratamento
`
	ptRequests = `
^ pare|parem $
! exclusao|remocao|retirada|baixa *2 meu|meus|minha *1 MINE
^ me esquece|esqueca|esquecam $
pare|parem|para|parar|pararem|deixe|deixem|deixa|deixar|chega|basta|parassem|parando de *3 PTVERB|PTNOUN
pare|parem|para|parar|chega|basta com *2 PTNOUN|isso|essa|essas|esse|esses|ligacao
pode|podem|favor|podia|podiam|poderia|poderiam parar $
pare|parem *1 as|os|essas|esses|estas|estes|suas|todas PTNOUN
parar *1 PTNOUN
! PTREMOVE *2 meu|minha|meus|o|os *1 MINE
! me|nos PTREMOVE *1 da|do|dessa|desta|desse|deste|de|das|dos|daqui|disso|dai *3 LIST
! me|nos PTREMOVE daqui|disso|dai|dessa|desta
! PTREMOVE *1 me|nos|mim *1 da|do|dessa|desta|desse|deste|de|das|dos *3 LIST
! ^ *2 PTREMOVE me|mim $
! ^ *2 me PTREMOVE $
! me|nos risca|risque|descadastr~
! descadastr~|decadastr~
! desinscrev~|desincrev~
! sair|saio *1 da|do|dessa|desta|desse|deste|de|das *2 lista|list|cadastro|mailing|grupo|transmissao|base
quero|queremos|desejo|gostaria|preciso *1 sair $
! cancela|cancele|cancelem|cancelar|cancelo|cancelamento *3 mensagem|mensagens|msg|msgs|inscricao|envio|envios|recebimento|ligacoes|ligacao|sms|notificacoes|avisos|propagandas|newsletter|disparos
me|nos deixa|deixe|deixem|deixar em? paz|quieto|quieta|sossegado|sossegada|tranquilo
deixa|deixe|deixem eu|me|a|nos *1 em paz
revogo|retiro|revogar|retirar|revogado *3 consentimento|autorizacao|permissao
esquece|esqueca|esquecam|perde|perca|percam *1 meu|que numero|contato|telefone|eu
sem mais PTNOUN
nenhuma|nenhum PTNOUN a? mais
`
	esDenials = `
ya no ESVERB
+ no|nunca|jamas quiero|queremos|deseo|deseamos|quisiera|necesito|acepto|queria *4 recibir|recibiendo
+ no|nunca|jamas quiero|queremos|deseo|deseamos|quisiera|necesito|acepto|autorizo|permito *4 ESNOUN
+ no|nunca|jamas quiero|queremos|deseo|deseamos|quisiera|autorizo|permito *1 que *4 ESVERB
+ ^ *2 no quiero mas $
+ ya no quiero|deseo mas? nada? $
no|nunca|jamas mas? me|nos|le|les ESVERB
no|nunca|jamas me|nos estes|esten|este|sigas|sigan|siga ESVERB
no ESVERB *1 mas
no|nunca *1 vuelva|vuelvan|vuelvas|volver *1 a *1 ESVERB
favor de? no ESPLAIN
^ no ESPLAIN
no llamarme|marcarme|mandarme|enviarme|escribirme|contactarme|molestarme|hablarme
no ESBOTHER
no ESVERB *1 a este|ese|mi numero|telefono|celular
no sigan|siga|sigas ESVERB
+ no autorizo|doy|otorgo *3 contacto|autorizacion|permiso|consentimiento|uso|datos
no mas|me ESNOUN
no mas *1 ESNOUN
ni|no una|un ESNOUN mas
`
	esRequests = `
^ paren|paralen $
dejenme|dejame|dejeme de *3 ESVERB|ESNOUN
deja|deje|dejen|dejar|para|paren|pare|parar|parenle|parele|basta|cesen|dejense|dejate|dejese|terminen|cansen|dejaran de|con *3 ESVERB|ESNOUN
ya estuvo *2 de|con *2 ESVERB|ESNOUN
cortenla|cortala|corten|acabenla|parenla|terminenla con *2 ESNOUN|ESVERB
! ESME *2 de|del *3 LIST
! quiero|queremos|deseo|quisiera|necesito salir|salirme de *3 LIST
^ *2 sacame|saquenme|borrame|borrenme|eliminame|eliminenme|quitame|quitenme|borreme|elimineme|saqueme $
! ESME *1 de aqui|aca|ahi|esto|eso
! ESREMOVE *1 mi|mis *1 MINE
! dar|dame|denme|darme|deme|darse|doy|dara|darnos|den *2 de baja
! darme|solicito|pido|quiero|tramiten|tramitar *2 la baja
! desuscrib~|dessuscrib~|desinscrib~|desapunt~
! cancela|cancelen|cancele|cancelar *3 mensajes|suscripcion|correos|sms|notificaciones|envio|envios|boletin|llamadas *3 mensajes|correos|sms|$
! cancela|cancelen|cancele|cancelar *3 mensajes|correos|sms|notificaciones|envio|envios|boletin|llamadas
dejame|dejenme|dejeme|dejennos|dejen en|tranquilo|tranquila|tranquilos|me paz|ya|$|en?
dejame|dejenme|dejeme|dejennos|dejarme en paz
dejame|dejenme|dejeme tranquilo|tranquila|quieto|quieta
revoco|retiro|revocar|retirar *3 consentimiento|autorizacion|permiso
olviden|olvidense|olvidate|olvida|olvide|pierdan|pierda|pierde *1 mi|de numero|telefono|mi
`
	enDenials = `
+ dont|never|not|longer want|wish|need|care|like|consent|agree|wanna *4 receive|get|receiving|getting|hear|contacted|called|texted|messaged|emailed
+ dont|never|not want|wish|need|wanna *4 ENNOUN
+ dont|never|not want|wish|like *1 you|u|anyone|your|people *3 ENAFTER|call|text|message|contact|email
dont|never|not *1 ENVERB me|us|my|this|here|again|anymore
dont|never|not ENVERB *2 again|anymore|ever|more
dont|never ENBOTHER
^ *1 dont ENVERB $
+ not to be? call|text|contact|message|email|called|texted|contacted|messaged me?
+ no longer consent|agree|want|wish|authorize|interested? *4 ENNOUN|contact|contacted|receive|hear
+ dont consent|authorize *3 contact|contacted|ENNOUN|this|$
`
	enRequests = `
^ stop $
! want|like|need|asked|please *3 removed|unsubscribed
stop|quit|cease|stahp *2 ENAFTER
stop|cease|end|quit *1 all|these|those|this|the|your|my|any|with *2 ENNOUN
stop ENNOUN
enough *1 with|of *2 ENNOUN
no more *1 ENNOUN
! remove|unsubscribe|delete|unsub me
take|get me off
opt me out
opt|opting|opted out
! unsubscrib~|unsuscrib~|unsubcrib~|unsub
! remove|delete|take|lose|forget|erase|drop|scrub off? my *1 MINE
want|like|need off|out of? *2 list|this|ENNOUN
want|like *2 off *2 list
revoke|withdraw|withdrawing|revoking *3 consent|permission
leave me|us alone
lose|forget this|my number
put me on *4 do|dont|not not|call *1 call|list
`
)

var compiled = sync.OnceValue(func() []rule {
	var out []rule
	add := func(language, patterns string, denies bool) {
		for line := range strings.Lines(patterns) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			line, elsewhere := strings.CutPrefix(line, "! ")
			line, own := strings.CutPrefix(line, "+ ")
			out = append(out, rule{language: language, parts: compile(line), denies: denies, own: own, elsewhere: elsewhere})
		}
	}
	add("en", enDenials, true)
	add("en", enRequests, false)
	add("pt", ptDenials, true)
	add("pt", ptRequests, false)
	add("es", esDenials, true)
	add("es", esRequests, false)
	return out
})
