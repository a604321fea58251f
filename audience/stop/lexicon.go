package stop

import (
	"strings"
	"sync"
)

// set is a set of folded words, made when it is first needed.
func set(text string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		out := map[string]bool{}
		for _, w := range strings.Fields(text) {
			out[w] = true
		}
		return out
	})
}

// words are stop words and their languages; those without one are of several.
var words = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for language, list := range map[string]string{
		"pt": `sair saia pare parem descadastrar descadastre descadastra descadastro decadastrar desinscrever desinscreva chega remova removam parar`,
		"es": `baja alto paren desuscribir desuscribirme desuscribanme darsedebaja`,
		"en": `stop stopall unsubscribe unsuscribe unsubcribe unsubscibe unsub cancel end quit revoke optout stahp`,
		"":   `cancelar remover basta`,
	} {
		for _, w := range strings.Fields(list) {
			out[w] = language
		}
	}
	return out
})

// polite are words beside a stop word, or at the end of a sentence, that change nothing. Numbers of menus are among them.
var polite = set(`por favor pf pfv pfvr pls please plz thanks thank you thx obrigado obrigada obg obgd grato grata gracias oi ola hola hi hello alo
	bom dia boa tarde noite buenas buenos dias tardes noches agora ja ya now already urgente imediatamente inmediatamente immediately aqui ok okay ta
	senhor senhora moco moca senor senora sir madam just it this can could would u isso 0 1 2 3 4 5 6 7 8 9 responder respondo opcion opcao viu ne pois
	favorcito porfa porfavor porfis pues man bro cara gente amigo amiga all`)

// written are abbreviations and misspellings, written out.
var written = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for to, from := range map[string]string{
		"nao": "naum nau nn n naao noa naoo nem", "quero": "kero qro qero queru quro", "voce": "vc ce oce voceis", "voces": "vcs vcis ceis",
		"mensagem": "mensage mensagen menssagem mesagem mensajem mensaguem msgm", "mensagens": "mensagems mensages menssagens mensajens msgens mesagens",
		"msg": "mgs mssg mesg", "ligacao": "ligacão ligasao ligaçao ligassao", "ligacoes": "ligacaos ligacões ligasoes", "receber": "recebe resseber receba reseber recever",
		"liguem": "ligem liguen liquem", "que": "q k ke qe", "mais": "maiz +", "por": "x", "numero": "nro num nr nmr", "quiero": "kiero qiero qiuero quieo",
		"recibir": "resibir recivir rrecibir", "mensajes": "mensages msjs mjs mensaje msjes mensajitos msj", "llamen": "yamen llamem llaman", "llames": "yames",
		"llamar": "yamar llmar", "whatsapp": "wasap whats wsp wpp wapp zap zapzap guasap watsap whatsap wsap", "dont": "don dnt dont doont donut",
		"your": "ur", "u": "you", "please": "plis pleas", "lista": "listas list liista", "cadastro": "cadastros cadrasto", "anymore": "anymor",
		"me": "mi", "eliminenme": "eliminemen", "dejen": "degen dejem", "email": "emails mail mails",
	} {
		for _, w := range strings.Fields(from) {
			out[w] = to
		}
	}
	delete(out, "mi") // Spanish my
	delete(out, "list")
	delete(out, "nem")
	delete(out, "you")
	delete(out, "don")
	delete(out, "llaman") // they call, which is no order
	delete(out, "mails")
	return out
})

// denials turn what comes after them into its contrary.
var denials = set(`nao no nunca jamais jamas dont never not cant wont didnt doesnt sin sem neither without`)

// carrying are words over which a denial reaches.
var carrying = set(`me nos te se lo la os as que quero queremos quiero queremos want wanted to mais mas ever precisa precisam preciso necesito need
	vai vao vou voy va van gostaria gustaria pode podem puede pueden posso puedo can could e es pra para por de eu yo i we you voce voces you deve
	devem debe deben should tem que tiene tienen hace falta hay ud usted ustedes uds desejo deseo wish please wanna going pedi pedindo pedi queria
	quis mandei falei disse dije pedir pedi asked ask`)

// reversing are words that, between a denial and what is denied, turn it over: não quero parar de receber.
var reversing = set(`parar pare parem parei deixar deixem deixe perder perca cancelar cancele cancelem sair remover descadastrar bloquear sem
	dejar dejen deje pierda salir darme borrar eliminar stop miss lose unsubscribe cancel quit opt remove without esperar demorar quedarme perderme pare
	paren atrasar apenas so solo only just somente solamente`)

// telling are those of whom a denial only tells something: você não me liga mais.
var telling = set(`voce ele ela eles elas ninguem voces you they he she nobody i we eu yo nadie el ellos ellas usted quem quien who porque`)

// conditions stand before what is not demanded.
var conditions = set(`se si if quando cuando when why unless caso aunque embora whether`)

// forever makes another time meaningless.
var forever = set(`nunca jamais jamas never ever`)

// times are words for a time at which somebody does not want to be disturbed; at another they may.
var times = set(`agora hoje amanha manha tarde noite cedo horario hora horas antes depois ate enquanto domingo domingos sabado sabados segunda terca
	quarta quinta sexta fim feriado almoco expediente madrugada durante ainda trabalho servico reuniao semana mes
	ahora hoy manana noche temprano despues hasta mientras lunes martes miercoles jueves viernes feriados todavia aun trabajo reunion oficina
	now today tomorrow morning mornings tonight night evening before after until till while during yet weekend weekends sunday sundays saturday
	work later noon am pm week month meeting dinner`)

// others are words that show that something else is to be ended, taken away or changed.
var others = set(`spc serasa boavista buro dicom datacredito veraz infocorp divida dividas deuda deudas debito debitos boleto boletos fatura faturas
	factura facturas contrato conta cuenta cartao tarjeta pedido pedidos compra compras order orders cart carrinho carrito novo nova nuevo nueva new
	atualizar atualiza atualize atualizem actualizar actualiza actualicen update trocar troca troquem mudar muda mudem cambiar cambien cambia change
	roubado roubaram furtado robado robaron stolen chip linha linea line servicio service plan plano internet seguro insurance juros intereses interes
	bill invoice account foto multa taxa tarifa protesto cartorio emprestimo prestamo loan credito consulta cita appointment reserva entrega
	credit card report antigo antiguo viejo old`)

// quiet are nouns for what people are sent.
var (
	ptNoun = set(`mensagem mensagens msg msgs ligacao ligacoes chamada chamadas telefonema telefonemas contato contatos sms propaganda propagandas ofertas
		promocoes avisos cobrancas cobranca spam notificacao notificacoes anuncios newsletter torpedo torpedos comunicacao comunicacoes whatsapp email lembretes
		publicidade marketing informativos audio audios robo disparos disparo`)
	esNoun = set(`mensajes mensaje llamada llamadas llamado llamados sms correo correos publicidad propaganda promociones ofertas notificaciones notificacion
		whatsapp anuncios contacto contactos cobranza cobranzas avisos spam email recordatorios informacion msg boletin boletines marketing audios`)
	enNoun = set(`message messages msg msgs text texts call calls sms email ads offers promos promotions spam notifications newsletter newsletters
		marketing robocalls robocall solicitations txt txts texting calling messaging emailing spamming reminders`)
)

// ptVerb and so on are what people are told not to do, as one says it to them: commands, infinitives, gerunds.
var (
	ptVerb = set(`ligar liguem ligue liga ligarem ligando ligues mandar mande mandem manda mandando mandarem enviar envie enviem envia enviando enviarem
		contatar contate contatem contactar contactem chamar chame chamem chama chamando perturbar perturbe perturbem perturbando perturba incomodar incomode
		incomodem incomodando incomoda encher encha encham enchendo enche procurar procure procurem procurando escrever escreva escrevam escrevendo telefonar
		telefonem telefonando importunar importunem importunando amolar amolem atormentar atormentem insistir insistam insista insistindo spamar disparar
		torrar torrando abordar azucrinar receber`)
	ptBother = set(`perturbe perturbem perturbar perturba incomode incomodem incomodar incomoda insista insistam insistir importune importunem encham encha amolem`)
	ptPlain  = set(`ligar mandar enviar contatar chamar escrever telefonar receber`)
	esVerb   = set(`llamar llamen llame llames llamando llamarme llamarnos marcar marquen marque marques marcando marcarme mandar mandarme manden mande mandes
		mandando mandarnos enviar enviarme envien envie envies enviando enviarnos escribir escribirme escriban escriba escribas escribiendo contactar
		contactarme contacten contacte contactarnos molestar molestarme molesten moleste molestes molestando molestarnos joder jodan jodas jodiendo fastidiar
		fastidien buscar busquen buscando hostigar hostigarme hostiguen acosar acosarme acosen insistir insistan insista insistiendo hablar hablen hablarme
		hablando textear timbrar timbren huevear hueveen webear webeen wear weviar weveen hinchar hinchen chingar chinguen chingando fregar frieguen
		spamear recibir recibiendo llamando jodan mamar`)
	esBother = set(`molesten moleste molestes molestar molestarme insistan insista insistir jodan jodas chinguen hostiguen acosen fastidien hueveen webeen
		weveen hinchen frieguen`)
	esPlain = set(`llamar llamarme marcar marcarme mandar mandarme enviar enviarme escribir escribirme contactar contactarme molestar molestarme insistir
		hablar hablarme llamarnos enviarnos`)
	enVerb   = set(`call text message send contact email mail bother spam harass write phone ring ping bug msg txt disturb reach`)
	enAfter  = set(`calling texting messaging sending contacting emailing mailing bothering spamming harassing writing phoning ringing pinging bugging hitting blowing`)
	enBother = set(`disturb bother harass spam`)
)

// ptRemove and so on ask to be taken out of where one is known.
var (
	ptRemove = set(`tira tire tirem tirar tirarem remova remove removam remover retire retira retirem retirar exclua exclui excluam excluir apague apaga apaguem
		apagar delete deleta deletem deletar deletam risca risque risquem elimine elimina eliminem eliminar bloqueia bloqueie bloqueiem bloquear`)
	esRemove = set(`borren borre borra borrar borrenlo eliminen elimine elimina eliminar quiten quite quita quitar saquen saque saca sacar remuevan remueva
		remover bloqueen bloquee bloquear retiren retire retirar`)
	esMe = set(`sacame saquenme saqueme sacarme quitame quitenme quiteme quitarme borrame borrenme borreme borrarme eliminame eliminenme elimineme
		eliminarme remuevanme remuevame retirenme retireme retirarme salir salirme salgo sacarnos desapuntarme desapuntenme desapuntame bloqueenme`)
	list = set(`lista list cadastro base bases mailing grupo sistema agenda contatos contactos banco transmissao registro registros directorio database
		systema daqui aqui aca`)
	mine = set(`numero contato nome telefone celular cel email whatsapp dados cadastro tel fone number phone name contact info details cell address telefono
		contacto correo nombre datos movil fono`)
)
