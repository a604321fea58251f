package api

import "campanario/internal/locale"

// accessWords are the texts of the page that links to come in lead to, in one language.
type accessWords struct {
	OwnerTitle, Owner, InvitationTitle, Invitation, Known string
	ResetTitle, Reset, DoneTitle, Done                    string
	InvalidTitle, FailedTitle, Failed                     string
	Email, Name, Password, Current, Code                  string
	PasswordHint, CodeHint, Go, Home                      string
}

// accessWordsOf gives the texts; English where there are none.
func accessWordsOf(l locale.Language) accessWords {
	switch l {
	case locale.Portuguese:
		return accessWords{
			OwnerTitle: "Primeiro acesso", Owner: "Crie sua conta de proprietário em {workspace}. Se o e-mail já tem conta, a senha será trocada e a verificação em duas etapas, desativada.",
			InvitationTitle: "Convite", Invitation: "Você foi convidado para {workspace} como {role}. Escolha uma senha para entrar.",
			Known:      "Você foi convidado para {workspace} como {role}. Entre com a senha que você já usa aqui.",
			ResetTitle: "Nova senha", Reset: "Escolha uma nova senha. Todas as suas sessões serão encerradas.",
			DoneTitle: "Senha alterada", Done: "Agora entre com a nova senha.",
			InvalidTitle: "Este link não vale mais", FailedTitle: "Algo deu errado", Failed: "O erro é nosso, e nada mudou. Tente de novo em alguns minutos.",
			Email: "E-mail", Name: "Nome", Password: "Senha", Current: "Sua senha", Code: "Código de verificação",
			PasswordHint: "Pelo menos 10 caracteres. Três ou quatro palavras que não combinam são uma boa senha.", CodeHint: "Só se você usa verificação em duas etapas.",
			Go: "Continuar", Home: "Ir para o Campanário",
		}
	case locale.Spanish:
		return accessWords{
			OwnerTitle: "Primer acceso", Owner: "Cree su cuenta de propietario en {workspace}. Si el correo ya tiene cuenta, se cambiará la contraseña y se desactivará la verificación en dos pasos.",
			InvitationTitle: "Invitación", Invitation: "Le invitaron a {workspace} como {role}. Elija una contraseña para entrar.",
			Known:      "Le invitaron a {workspace} como {role}. Entre con la contraseña que ya usa aquí.",
			ResetTitle: "Nueva contraseña", Reset: "Elija una nueva contraseña. Todas sus sesiones se cerrarán.",
			DoneTitle: "Contraseña cambiada", Done: "Ahora inicie sesión con la nueva contraseña.",
			InvalidTitle: "Este enlace ya no es válido", FailedTitle: "Algo salió mal", Failed: "El error es nuestro y nada ha cambiado. Inténtelo de nuevo en unos minutos.",
			Email: "Correo", Name: "Nombre", Password: "Contraseña", Current: "Su contraseña", Code: "Código de verificación",
			PasswordHint: "Al menos 10 caracteres. Tres o cuatro palabras que no combinan son una buena contraseña.", CodeHint: "Solo si usa verificación en dos pasos.",
			Go: "Continuar", Home: "Ir a Campanário",
		}
	default:
		return accessWords{
			OwnerTitle: "First sign-in", Owner: "Make your account as an owner of {workspace}. If the e-mail address has one already, its password is replaced and two-step verification is turned off.",
			InvitationTitle: "Invitation", Invitation: "You have been invited to {workspace} as {role}. Choose a password to come in.",
			Known:      "You have been invited to {workspace} as {role}. Come in with the password that you use here already.",
			ResetTitle: "New password", Reset: "Choose a new password. All your sessions will end.",
			DoneTitle: "Password changed", Done: "Now sign in with the new password.",
			InvalidTitle: "This link is no longer good", FailedTitle: "Something went wrong", Failed: "The error is ours, and nothing has changed. Please try again in a few minutes.",
			Email: "E-mail", Name: "Name", Password: "Password", Current: "Your password", Code: "Verification code",
			PasswordHint: "At least 10 characters. Three or four unrelated words make a good password.", CodeHint: "Only if you use two-step verification.",
			Go: "Continue", Home: "Go to Campanário",
		}
	}
}
