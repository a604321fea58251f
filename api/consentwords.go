package api

import "campanario/internal/locale"

// consentWords are the texts of the page of consent in one language.
type consentWords struct {
	Title, Ask, Us, AnyChannel, Explain, Yes, No string
	GivenTitle, Given, WithdrawnTitle, Withdrawn string
	FailedTitle, Failed, InvalidTitle, Invalid   string
}

// consentWordsOf gives the texts; English where there are none.
func consentWordsOf(l locale.Language) consentWords {
	switch l {
	case locale.Portuguese:
		return consentWords{
			Title: "Autorização de contato", Us: "nós", AnyChannel: "todos os canais",
			Ask:        "Você autoriza contatos de {from} por este meio: {channel}?",
			Explain:    "Nada muda até você apertar um botão. Você pode mudar de ideia a qualquer momento, por este mesmo link.",
			Yes:        "Autorizo",
			No:         "Não autorizo",
			GivenTitle: "Contato autorizado", Given: "Sua autorização está registrada.",
			WithdrawnTitle: "Contato não autorizado", Withdrawn: "Você não será mais contatado por campanhas que precisam da sua autorização.",
			FailedTitle: "Não conseguimos registrar sua resposta", Failed: "O erro é nosso, e nada mudou ainda. Por favor, tente de novo em alguns minutos.",
			InvalidTitle: "Este link não é válido", Invalid: "Ele pode ter sido cortado. Abra a mensagem de novo e use o link inteiro.",
		}
	case locale.Spanish:
		return consentWords{
			Title: "Autorización de contacto", Us: "nosotros", AnyChannel: "todos los canales",
			Ask:        "¿Autoriza contactos de {from} por este medio: {channel}?",
			Explain:    "Nada cambia hasta que pulse un botón. Puede cambiar de opinión en cualquier momento, con este mismo enlace.",
			Yes:        "Autorizo",
			No:         "No autorizo",
			GivenTitle: "Contacto autorizado", Given: "Su autorización está registrada.",
			WithdrawnTitle: "Contacto no autorizado", Withdrawn: "No le contactarán más las campañas que necesitan su autorización.",
			FailedTitle: "No pudimos registrar su respuesta", Failed: "El error es nuestro y nada ha cambiado todavía. Por favor, inténtelo de nuevo en unos minutos.",
			InvalidTitle: "Este enlace no es válido", Invalid: "Es posible que se haya cortado. Abra el mensaje de nuevo y use el enlace completo.",
		}
	default:
		return consentWords{
			Title: "Permission to contact you", Us: "us", AnyChannel: "all channels",
			Ask:        "Do you agree to be contacted by {from} in this way: {channel}?",
			Explain:    "Nothing changes until you press a button. You can change your mind at any time, by this same link.",
			Yes:        "I agree",
			No:         "I do not agree",
			GivenTitle: "You agreed to be contacted", Given: "Your permission has been recorded.",
			WithdrawnTitle: "You did not agree to be contacted", Withdrawn: "Campaigns that need your permission will not contact you any more.",
			FailedTitle: "We could not record your answer", Failed: "The error is ours, and nothing has changed yet. Please try again in a few minutes.",
			InvalidTitle: "This link is not valid", Invalid: "It may have been cut short. Open the message again and use the whole link.",
		}
	}
}
