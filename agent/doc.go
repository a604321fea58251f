// Package agent says who speaks and what is said: agents and their scripts, the templates of messages, and the
// variables that make either of them personal. It knows no network and no database; everything in it is data, or a
// pure function of data and of the moments it is told.
//
// # Variables
//
// Every recipient brings variables: name, first_name, contact, id, context, wildcard_1 to wildcard_5, whatever extra
// columns its file had, and, when the context is a JSON object, the members of that object. Their names are folded
// (see Key), so that the column "Data de Vencimento" is data_de_vencimento.
//
// # Templates
//
//	{{ name }}                 the variable; whoever lacks it is not contacted
//	{{ name | default }}       the variable, or the text after the bar for whoever lacks it
//	{{ name | "default" }}     the same, with the spaces inside the quotes kept; "" leaves nothing in its place
//	\{{                        two braces, as they are
//	@PrimeiroNome, @NomeCliente, @Coringa1 … @Coringa5
//	                           the variables first_name, name and wildcard_1 … wildcard_5, in any case, as whole
//	                           words: the address joao@coringa1.com stays as it is
//	@@Coringa1                 the word @Coringa1, as it is
//
// A variable that is empty is missing: a message never goes out with a hole in it.
package agent
