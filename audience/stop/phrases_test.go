package stop_test

import (
	"strings"
	"testing"

	"campanario/audience/stop"
)

// Phrases as people write and say them, a line each. Those after "|" are the language, where it can be told.
const stopWords = `
SAIR|pt
sair|pt
Sair por favor|pt
SAIR!!!|pt
Sair, obrigado|pt
2 - sair|pt
parar|pt
PARE|pt
pareeee|pt
Pare agora|pt
parem, por favor|pt
Descadastrar|pt
descadastre|pt
chega|pt
CANCELAR
cancelar por favor
Remover
BAJA|es
baja por favor|es
Baja, gracias|es
ALTO|es
alto!!|es
paren ya|es
Hola, baja|es
buenas tardes BAJA|es
STOP|en
stop|en
Stop.|en
STOP STOP STOP|en
stoooop|en
stop please|en
please stop|en
pls stop it|en
Hi, stop|en
stop ok?|en
can you stop|en
Stop now!|en
STOPALL|en
unsubscribe|en
Unsuscribe|en
unsub|en
CANCEL|en
END|en
quit|en
revoke|en
OPTOUT|en
opt-out|en
opt out please|en
Bom dia! Sair|pt
SAIR
> Oferta imperdível, responda SAIR para não receber|pt
`

const stopSentences = `
não quero mais receber|pt
não quero mais receber mensagens de vocês|pt
nao quero mais recebe msg|pt
ñ quero mais receber essas msgs|pt
n quero receber nada disso, não quero mais mensagem|pt
Não desejo receber mais ligações|pt
não gostaria de receber mais contato|pt
eu não quero receber propaganda no meu celular|pt
não quero mais ligação|pt
naum quero mais ligacao|pt
olha eu já falei que não quero que vocês fiquem me ligando tá bom|pt
não quero que me liguem mais|pt
não quero mais|pt
Gente, não quero mais!|pt
já disse que não quero receber ligação de vocês|pt
não aceito receber mensagens de marketing|pt
não autorizo o contato por esse número|pt
não autorizo mais ligações|pt
não autorizo o uso dos meus dados|pt
não dou autorização para contato|pt
pare de me ligar|pt
parem de me ligar!!!|pt
Para de me ligar, que saco|pt
para de ligar pra mim por favor|pt
pelo amor de deus parem de ligar|pt
vocês podem parar de me ligar?|pt
podem parar|pt
pode parar por favor|pt
parem de mandar mensagem|pt
para de mandar mensagem no meu zap|pt
parem com essas ligações|pt
pare com isso|pt
chega de ligação|pt
chega de spam|pt
deixem de me ligar|pt
deixa de ficar me ligando|pt
quando é que vocês vão parar de me ligar|pt
quero que parem de me ligar|pt
parem de encher o saco|pt
para de me perturbar|pt
pare de insistir|pt
parem de me procurar|pt
não me ligue mais|pt
não me liguem mais|pt
não me liga mais|pt
nao me ligem mais|pt
não me ligue nunca mais|pt
não ligue mais para este número|pt
não ligue pra mim|pt
não me mande mais mensagem|pt
não me mandem mais nada|pt
não mandem mais mensagens|pt
não me envie mais SMS|pt
não me chame mais no whatsapp|pt
não me procurem mais|pt
por favor não me perturbe|pt
não perturbe|pt
não insistam|pt
nunca mais me liguem|pt
nunca mais me mande mensagem|pt
alô não não tenho interesse por favor não liga mais|pt
já falei pra não me ligar|pt
é pra não me ligar mais|pt
não voltem a me ligar|pt
não me ligue mais a partir de hoje|pt
me tira dessa lista|pt
me tira da lista|pt
me tirem dessa lista de vocês|pt
tira meu número daí da lista|pt
tirem meu número|pt
tira o meu numero do cadastro|pt
tira meu telefone desse sistema|pt
remova meu contato|pt
remove meu número por favor|pt
Favor remover meu e-mail|pt
me remova da lista de contatos|pt
me remove|pt
retirem meu nome da lista|pt
retire meu contato da base de vocês|pt
exclua meu número da base de dados|pt
excluir meu cadastro|pt
apaga meu número|pt
apaguem meus dados|pt
deleta meu contato aí|pt
bloqueia meu número aí no sistema|pt
me descadastra|pt
quero me descadastrar|pt
como faço para me descadastrar?|pt
me descadastre por gentileza|pt
quero sair dessa lista|pt
quero sair|pt
quero sair da lista de transmissão|pt
sair da lista|pt
como eu saio dessa lista|pt
cancela o envio de mensagens|pt
cancelar mensagens|pt
quero cancelar o recebimento|pt
cancelem minha inscrição|pt
me deixa em paz|pt
me deixem em paz pelo amor de Deus|pt
deixa eu em paz|pt
revogo meu consentimento|pt
quero revogar a autorização de contato|pt
retiro meu consentimento para tratamento de dados|pt
esquece meu número|pt
esqueçam meu número|pt
sem mais mensagens por favor|pt
não tenho dívida nenhuma, parem de me ligar|pt
oi, não sou cliente, tira meu número da lista|pt
moça eu não quero mais receber oferta de cartão|pt
vocês ligam todo dia, não aguento mais, me tira dessa lista|pt
é engano, não conheço essa pessoa, não liguem mais|pt
não quero mais receber cobrança de vocês|pt
tá bom mas não me liga mais|pt
Obrigado, mas não quero receber mensagens|pt
Vocês são chatos, parem|pt
não tenho mais interesse em receber essas mensagens|pt
solicito a exclusão dos meus dados|pt
não quero nada, me esquece|pt
Pelo amor de deus, tira meu contato daí|pt
Por gentileza não enviar mais mensagens neste número|pt
bloquear esse contato por favor não me mande mais|pt
ya déjenme de estar chingando con sus llamadas|es
ya no manden mensajes|es
les pido que dejen de contactarme|es
weon dejen de llamar|es
no quiero que me sigan mandando mensajes|es
I would like to be removed from your list|en
I want to be removed|en
dont send me anything else|en
cease and desist contacting me|en
no quiero recibir más mensajes|es
no quiero recibir mas msjs|es
ya no quiero recibir nada|es
no deseo recibir más llamadas|es
no kiero resibir mensajes|es
no quiero más llamadas|es
no quiero sus llamadas|es
no quiero que me llamen|es
no quiero que me estén marcando|es
ya no quiero|es
no acepto recibir publicidad|es
no autorizo el contacto|es
no autorizo que me contacten|es
no doy permiso para usar mis datos|es
no me llamen más|es
no me llamen|es
ya no me llamen|es
ya no me marquen por favor|es
no me marquen mas|es
no me escriban más|es
no me escribas|es
no me manden mensajes|es
no me manden más mensajes|es
no me envíen nada más|es
no me molesten|es
por favor no molesten más|es
no molestar|es
favor no llamar|es
favor de no llamar|es
favor no llamarme|es
no llamar más|es
no llamen más a este número|es
no vuelvan a llamarme|es
no vuelva a llamar|es
nunca más me llamen|es
no me contacten|es
no insistan|es
no me hablen|es
no sigan llamando|es
no me sigan llamando|es
no más mensajes|es
no mas llamadas por favor|es
ni una llamada más|es
dejen de llamarme|es
dejen de llamar|es
deja de mandar mensajes|es
degen de marcar|es
deje de escribirme|es
dejen de molestar|es
dejen de estar chingando|es
dejen de huevear|es
paren de llamar|es
paren con los mensajes|es
basta de mensajes|es
basta de llamadas por favor|es
que dejen de llamar por favor|es
ya estuvo bueno de llamadas|es
ya estuvo de estar marcando|es
córtenla con los mensajes|es
corten con las llamadas|es
sáquenme de la lista|es
sáquenme de su base de datos|es
sácame de tu lista|es
bórrenme de su lista|es
bórrame de la lista|es
bórrenme|es
quítenme de su sistema|es
elimínenme de su base|es
elimíname de aquí|es
eliminen mi número|es
eliminar mi numero de su base de datos|es
borren mi número|es
borra mi contacto|es
quiten mi teléfono de la lista|es
saquen mi numero|es
quiero salir de la lista|es
quiero salirme de este grupo|es
quiero darme de baja|es
denme de baja|es
dame de baja por favor|es
deseo darme de baja|es
me doy de baja|es
cómo me doy de baja|es
solicito la baja|es
quiero la baja|es
desuscribirme de esto|es
me quiero desuscribir|es
cancelar mensajes|es
cancelen el envío de correos|es
cancelar la suscripción a los mensajes|es
déjenme en paz|es
dejame en paz|es
déjenme tranquila|es
revoco mi consentimiento|es
retiro mi autorización|es
olvídense de mi número|es
pierdan mi número|es
señorita ya le dije que no me llamen más|es
no soy esa persona, no me llamen|es
oiga no tengo deuda, ya no me marquen|es
no me interesa, dejen de llamar|es
no gracias, no quiero recibir más publicidad|es
stop calling me|en
STOP CALLING|en
please stop calling|en
stop texting me|en
stop texting this number|en
stop sending me messages|en
stop sending these|en
stop messaging|en
stop emailing me|en
quit calling me|en
can you stop calling me please|en
stop all messages|en
stop the calls|en
stop these texts|en
stop with the texts already|en
stop bothering me|en
stop harassing me|en
stop spamming me|en
please, for the love of god, stop calling|en
don't call me|en
dont call me again|en
do not call me anymore|en
don't ever call me|en
don't text me|en
do not contact me again|en
please do not contact this number|en
never call me again|en
never contact me|en
don't message me anymore|en
do not call|en
do not disturb|en
do not call here again|en
I don't want to receive these messages|en
i dont want to get any more texts|en
i do not wish to be contacted|en
I no longer wish to receive emails|en
I don't want your calls|en
don't want any more messages|en
I don't want to hear from you|en
don't want you calling me|en
I asked not to be contacted|en
i told you not to call me|en
no more calls|en
no more texts please|en
no more messages|en
remove me|en
remove me from your list|en
please remove me from this list|en
take me off your list|en
take me off the list please|en
get me off this list|en
take my number off your list|en
remove my number|en
delete my number|en
delete my info|en
lose my number|en
forget my number|en
unsubscribe me|en
please unsubscribe me from this|en
i want to unsubscribe|en
how do i unsubscribe|en
opt me out|en
I want to opt out|en
I'd like to opt out of these|en
i want off this list|en
I revoke my consent|en
I withdraw consent|en
I do not consent to this|en
leave me alone|en
just leave me alone|en
enough with the calls|en
put me on your do not call list|en
wrong number, stop texting|en
not interested, take me off your list|en
`

const noStops = `
não pare
não parem
não pare de me mandar as ofertas
não parem de me mandar mensagem
por favor não parem de enviar
não é pra parar de mandar
não cancele o meu pedido
não cancele minha inscrição
não me tire da lista
não quero sair da lista
não quero sair
não quero parar de receber
não quero deixar de receber as mensagens
não quero que vocês parem de me ligar
não quero perder as mensagens
não quero me descadastrar
não me remova
não remova meu contato
não bloqueie meu número
cancele o meu pedido
quero cancelar minha compra
cancelar a consulta de amanhã
quero cancelar meu cartão
tira meu nome do Serasa
tirem meu nome do SPC
limpa meu nome do serasa aí
retira meu nome do cadastro de devedores do serasa
tira o meu número antigo e coloca o novo
apaga meu número antigo e bota esse novo
me tira uma dúvida
me tira uma dúvida sobre a fatura
não tenho interesse
não, obrigado
não
não quero
não quero o cartão
não quero fazer acordo
não quero essa oferta
não posso pagar
não posso falar agora
não me ligue agora
não me ligue agora, estou em reunião
não me liguem de manhã
não me ligue depois das 20h
não me liga hoje que estou viajando
não me mande mensagem no domingo
vocês não me ligaram ainda
você não me liga mais
ele não me liga mais
por que vocês não me ligam?
se não me ligarem hoje eu cancelo
ninguém me ligou
pode me ligar amanhã
me liga mais tarde
me liguem depois das seis
liga pra mim de novo
pode mandar por mensagem
quero receber a proposta
quero receber mais informações
pode parar de chover logo
o carro parou de funcionar
minha mãe parou de trabalhar
vou sair de casa às 8
quero sair para jantar
quero sair do aluguel
sair às seis tá bom
para mim está ótimo
para de manhã está bom
o ônibus para aqui perto
quando chega meu boleto?
chega amanhã?
chega até sexta
recebi uma mensagem pedindo para responder SAIR, o que é?
a palavra parar não funciona no app
o valor é muito alto
o som está alto
isso é engano
número errado
não sou eu
não conheço essa pessoa
quem é?
sim
ok
quero negociar
quero pagar
qual o valor?
manda o boleto
não recebi o boleto
não recebi a mensagem
não consigo receber a ligação
não chegou mensagem
preciso bloquear meu cartão
meu celular foi roubado, bloqueiem minha linha
me deixa pensar
me deixa ver com a minha esposa
deixa eu ver
remove essa multa da conta
tira os juros por favor
exclua os juros da fatura
cancela esse débito
não para de chover aqui
não paro de pensar nisso
nunca recebi mensagem de vocês
pare o débito automático
a ligação está cortando
só me liga se for importante
quero atualizar meu cadastro
quero mudar meu número de telefone
não quero ficar sem receber as mensagens
não me avisaram do boleto
vou parar de pagar se não resolverem
não quero mais o produto
não quero mais esse plano
quero sair do plano
não estou conseguindo receber mensagens
por que pararam de me mandar mensagem?
no paren
no pares
no paren de enviarme las ofertas
no dejen de llamarme
no dejes de escribirme
no me saquen de la lista
no me borren
no quiero darme de baja
no quiero salir de la lista
no quiero dejar de recibir los mensajes
no quiero perder las ofertas
no cancelen mi pedido
cancelen mi pedido
quiero cancelar mi cita
cancelar la tarjeta
quiero dar de baja mi línea
dar de baja el servicio de internet
quiero cancelar el seguro
bórrame esa deuda
quítenme los intereses
eliminen la deuda de mi cuenta
sáquenme del buró
saquen mi nombre de dicom
quiero darme de alta
baja el precio
bájale el volumen
el precio está muy alto
baja la música que no oigo
no me interesa
no gracias
no
no puedo pagar
no puedo hablar ahora
ahora no puedo
no me llame ahora
no me llamen antes de las nueve
no me llamen por la mañana
no me marque hoy, estoy en el trabajo
por qué no me llaman
si no me llaman hoy cancelo
nadie me llamó
no me llamaron
no me ha llegado el mensaje
no recibí ningún mensaje
no me llama la atención
llámeme más tarde
me puede llamar mañana
llámenme después de las 5
mándeme la información
quiero recibir más información
más tarde
para mí está bien
para el lunes puedo
el bus para aquí
número equivocado
no soy yo
quién habla
sí
bueno
cuánto debo
quiero pagar
déjeme pensarlo
déjenme ver
cambien mi número de teléfono
quiero actualizar mi correo, borren el antiguo
me pueden mandar el contrato
ya pagué
dejaron de llamarme y no sé por qué
me quedé sin trabajo, no puedo pagar
no quiero más deudas
al final sí quiero
don't stop
please don't stop
don't stop the messages
never stop sending me deals
do not remove me from the list
don't unsubscribe me
i did not unsubscribe
I don't want to unsubscribe
i don't want to stop receiving these
I don't want to miss your messages
don't cancel my order
cancel my order
I want to cancel my appointment
cancel the delivery
stop by tomorrow
I will stop by tomorrow
stop by the office
the bus stop is near my house
I can't stop laughing
can you stop the payment
stop payment on the check
where is the next stop
I'll quit my job
I want to quit smoking
end of the month
at the end of the day
in the end I said yes
call me later
call me tomorrow
don't call me now
don't call before 9
please don't call me at work
do not call me after 9 pm
don't text me while i'm in a meeting
why don't you call me
if you don't call me today I will leave
you don't call me anymore
they never called me
nobody called
I never got your message
i didn't receive the text
text me the address
send me the link
I want to receive more info
not interested
no thanks
no
yes
who is this
wrong number
remove the item from my cart
remove that charge from my bill
delete my old number and use this one
take me out to dinner
leave me a message
I don't like the offer
I don't need it
I don't want the card
how much is it
ok thanks
sounds good
my phone stopped receiving calls
no call was made
please remove the late fee
let me think about it
the message said reply STOP, what is that
please update my number
`

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		out = append(out, strings.TrimSuffix(line, "\n"))
	}
	return out
}

func TestPhrases(t *testing.T) {
	total := 0
	for _, group := range []struct {
		text  string
		class stop.Class
	}{{stopWords, stop.Word}, {stopSentences, stop.Sentence}} {
		pending := ""
		for _, line := range lines(group.text) {
			if line == "SAIR" { // the one with a quoted line under it
				pending = line + "\n"
				continue
			}
			phrase, language, _ := strings.Cut(pending+line, "|")
			pending = ""
			total++
			got := stop.Recognise(phrase)
			if want := (stop.Verdict{Stop: true, Class: group.class, Language: language}); got != want {
				t.Errorf("%q: %+v, want %+v", phrase, got, want)
			}
		}
	}
	stops := total
	for _, phrase := range lines(noStops) {
		total++
		if got := stop.Recognise(phrase); got.Stop {
			t.Errorf("%q: %+v", phrase, got)
		}
	}
	if stops < 150 || total-stops < 150 {
		t.Errorf("%d phrases that stop, %d that do not", stops, total-stops)
	}
	t.Logf("%d phrases that stop, %d that do not", stops, total-stops)
}

func TestLongAndBroken(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, " \n\t ": false, "\xff\xfe": false, "par\xffar": false, "STOP\x00": true,
		strings.Repeat("a", 5000) + " parem de me ligar":           false, // beyond what is read
		strings.Repeat("bom dia. ", 400) + "\nparem de me ligar":   true,
		strings.Repeat("ã", 3000):                                  false,
		"> parem de me ligar\n> sair\nObrigada, recebi a proposta": false,
	} {
		if got := stop.Recognise(text); got.Stop != want {
			t.Errorf("%.40q: %+v", text, got)
		}
	}
}

// FuzzRecognise: no text is too odd, and neither capitals nor signs around it change a verdict.
func FuzzRecognise(f *testing.F) {
	for _, text := range []string{stopWords, stopSentences, noStops} {
		for _, line := range lines(text) {
			f.Add(strings.Split(line, "|")[0])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := stop.Recognise(text)
		if got.Stop != (got.Class != "") || !got.Stop && got.Language != "" {
			t.Errorf("%q: %+v", text, got)
		}
		if len(text) < 1000 {
			if again := stop.Recognise("  \n" + text + " \n"); again != got {
				t.Errorf("%q: %+v, and between blanks %+v", text, got, again)
			}
		}
	})
}
