package api

import (
	"context"
	"strings"
	"time"

	"campanario/access"
	"campanario/internal/locale"
)

// Post sends letters to people who use the program. Its methods return at once.
type Post interface {
	// Send takes a letter; false when it cannot be sent: the workspace has no line for it, or the line does not run.
	Send(ctx context.Context, l access.Letter) bool
	// Forgotten takes the wish for a new password of whoever has a mailbox. Whether anybody has, it does not tell.
	Forgotten(email string, l locale.Language)
}

// noPost sends nothing.
type noPost struct{}

func (noPost) Send(context.Context, access.Letter) bool { return false }
func (noPost) Forgotten(string, locale.Language)        {}

// LetterText is what a letter says.
type LetterText struct{ Subject, Text string }

// WriteLetter puts a letter into words. otherwise is the language of a reader of whom none is known; base is how the program
// is reached.
func WriteLetter(l access.Letter, base string, otherwise locale.Language) LetterText {
	language := otherwise
	if l.Language != "" {
		language = locale.Match(l.Language)
	}
	zone, err := time.LoadLocation(l.Workspace.Settings.Defaults().Zone)
	if err != nil {
		zone = time.UTC
	}
	words := letterWordsOf(language)
	subject, text := words.resetSubject, words.reset
	if l.Kind == access.ForInvitation {
		subject, text = words.invitationSubject, words.invitation
	}
	fill := strings.NewReplacer(
		"{workspace}", l.Workspace.Name, "{role}", locale.Word(language, "role", string(l.Role)), "{link}", base+AccessPath+l.Token,
		"{until}", l.EndsAt.In(zone).Format("02/01/2006 15:04 MST"),
	)
	return LetterText{fill.Replace(subject), fill.Replace(text)}
}

type letterWords struct{ invitationSubject, invitation, resetSubject, reset string }

func letterWordsOf(l locale.Language) letterWords {
	switch l {
	case locale.Portuguese:
		return letterWords{
			invitationSubject: "Convite para {workspace} no Campanário",
			invitation:        "Olá,\n\nvocê foi convidado para {workspace} no Campanário como {role}. Para entrar, abra este link até {until}:\n\n{link}\n\nSe você não esperava este convite, ignore esta mensagem.\n",
			resetSubject:      "Nova senha no Campanário",
			reset:             "Olá,\n\npara escolher uma nova senha no Campanário, abra este link até {until}:\n\n{link}\n\nSe você não pediu isto, ignore esta mensagem: nada muda.\n",
		}
	case locale.Spanish:
		return letterWords{
			invitationSubject: "Invitación a {workspace} en Campanário",
			invitation:        "Hola:\n\nLe invitaron a {workspace} en Campanário como {role}. Para entrar, abra este enlace hasta el {until}:\n\n{link}\n\nSi no esperaba esta invitación, ignore este mensaje.\n",
			resetSubject:      "Nueva contraseña en Campanário",
			reset:             "Hola:\n\nPara elegir una nueva contraseña en Campanário, abra este enlace hasta el {until}:\n\n{link}\n\nSi no lo pidió, ignore este mensaje: nada cambia.\n",
		}
	default:
		return letterWords{
			invitationSubject: "Invitation to {workspace} on Campanário",
			invitation:        "Hello,\n\nyou have been invited to {workspace} on Campanário as {role}. To come in, open this link before {until}:\n\n{link}\n\nIf you did not expect this invitation, ignore this message.\n",
			resetSubject:      "New password on Campanário",
			reset:             "Hello,\n\nto choose a new password on Campanário, open this link before {until}:\n\n{link}\n\nIf you did not ask for this, ignore this message: nothing changes.\n",
		}
	}
}
