package schedule

import "time"

// The holidays themselves, each with the law it stands on. rickar/cal, which the tests compare with, has no calendar of
// Mexico, Colombia or Chile; in its calendar of Brazil, Carnival and Corpus Christi are holidays and 20 November is
// not; and in the United States it does not find a New Year's Day that is observed in December.

// Brazil, national holidays: Lei 662/1949 as changed by Lei 10.607/2002; Lei 6.802/1980 (12 October); Lei 14.759/2023
// (20 November). Good Friday is left to the municipalities by Lei 9.093/1995, and every one of them keeps it: the
// federal government's yearly Portaria lists it among the national holidays.
var brazil = []rule{
	{name: "Confraternização Universal", days: on(time.January, 1)},
	{name: "Sexta-feira da Paixão", days: fromEaster(-2)},
	{name: "Tiradentes", days: on(time.April, 21)},
	{name: "Dia do Trabalho", days: on(time.May, 1)},
	{name: "Independência do Brasil", days: on(time.September, 7)},
	{name: "Nossa Senhora Aparecida", days: on(time.October, 12)},
	{name: "Finados", days: on(time.November, 2)},
	{name: "Proclamação da República", days: on(time.November, 15)},
	{name: "Dia da Consciência Negra", days: on(time.November, 20), since: 2024},
	{name: "Natal", days: on(time.December, 25)},
}

// Brazil, pontos facultativos of the yearly federal Portaria that close most offices and shops for a whole day. Its
// half days (Ash Wednesday until 14:00, 24 and 31 December from 13:00), bridge days and the civil servants' day are
// left out: who wants them writes them as blackout dates.
var brazilOptional = []rule{
	{name: "Carnaval (segunda-feira)", days: fromEaster(-48)},
	{name: "Carnaval (terça-feira)", days: fromEaster(-47)},
	{name: "Corpus Christi", days: fromEaster(60)},
}

// Mexico, días de descanso obligatorio: Ley Federal del Trabajo, art. 74; VII as changed in the DOF of 30 September 2024
// (1 October instead of 1 December). IX, federal elections: first Sunday of June every three years (LGIPE art. 22), and
// the judicial election of 1 June 2025.
var mexico = []rule{
	{name: "Año Nuevo", days: on(time.January, 1)},
	{name: "Día de la Constitución", days: nth(1, time.Monday, time.February)},
	{name: "Natalicio de Benito Juárez", days: nth(3, time.Monday, time.March)},
	{name: "Día del Trabajo", days: on(time.May, 1)},
	{name: "Día de la Independencia", days: on(time.September, 16)},
	{name: "Transmisión del Poder Ejecutivo Federal", days: every(6, 2024%6, on(time.October, 1)), since: 2024},
	{name: "Día de la Revolución", days: nth(3, time.Monday, time.November)},
	{name: "Navidad", days: on(time.December, 25)},
	{name: "Jornada electoral", days: every(3, 2024%3, nth(1, time.Sunday, time.June))},
	{name: "Jornada electoral", days: in(2025, time.June, 1)},
}

// Colombia: Código Sustantivo del Trabajo, art. 177, as Ley 51 de 1983 (Ley Emiliani) has it; its art. 1 moves the ten
// of `emiliani` to the following Monday when they fall on another day.
var colombia = []rule{
	{name: "Año Nuevo", days: on(time.January, 1)},
	{name: "Día de los Reyes Magos", days: emiliani(on(time.January, 6))},
	{name: "Día de San José", days: emiliani(on(time.March, 19))},
	{name: "Jueves Santo", days: fromEaster(-3)},
	{name: "Viernes Santo", days: fromEaster(-2)},
	{name: "Día del Trabajo", days: on(time.May, 1)},
	{name: "Ascensión del Señor", days: emiliani(fromEaster(39))},
	{name: "Corpus Christi", days: emiliani(fromEaster(60))},
	{name: "Sagrado Corazón de Jesús", days: emiliani(fromEaster(68))},
	{name: "San Pedro y San Pablo", days: emiliani(on(time.June, 29))},
	{name: "Día de la Independencia", days: on(time.July, 20)},
	{name: "Batalla de Boyacá", days: on(time.August, 7)},
	{name: "Asunción de la Virgen", days: emiliani(on(time.August, 15))},
	{name: "Día de la Diversidad Étnica y Cultural", days: emiliani(on(time.October, 12))},
	{name: "Todos los Santos", days: emiliani(on(time.November, 1))},
	{name: "Independencia de Cartagena", days: emiliani(on(time.November, 11))},
	{name: "Inmaculada Concepción", days: on(time.December, 8)},
	{name: "Navidad", days: on(time.December, 25)},
}

func emiliani(days func(int, Date) []Date) func(int, Date) []Date {
	return func(y int, e Date) []Date {
		out := days(y, e)
		for i, d := range out {
			out[i] = d + Date((time.Monday-d.Weekday()+7)%7)
		}
		return out
	}
}

// Chile: Ley 2.977 and those after it. Regional holidays (7 June in Arica, 20 August in Chillán), second rounds and
// primaries of elections are left out, but for the second round of 2025; elections fall on Sundays.
var chile = []rule{
	{name: "Año Nuevo", days: on(time.January, 1)},
	{name: "Feriado adicional de Año Nuevo", days: when(time.January, 2, time.Monday)}, // Ley 20.983
	{name: "Viernes Santo", days: fromEaster(-2)},
	{name: "Sábado Santo", days: fromEaster(-1)},
	{name: "Día Nacional del Trabajo", days: on(time.May, 1)},
	{name: "Día de las Glorias Navales", days: on(time.May, 21)},
	{name: "Día Nacional de los Pueblos Indígenas", days: winterSolstice, since: 2021}, // Ley 21.357
	{name: "San Pedro y San Pablo", days: nearMonday(time.June, 29)},                   // Ley 19.668
	{name: "Día de la Virgen del Carmen", days: on(time.July, 16)},                     // Ley 20.148
	{name: "Asunción de la Virgen", days: on(time.August, 15)},
	{name: "Fiestas Patrias", days: when(time.September, 17, time.Monday)},              // Ley 20.215
	{name: "Fiestas Patrias", days: when(time.September, 17, time.Friday), since: 2017}, // Ley 20.983
	{name: "Independencia Nacional", days: on(time.September, 18)},
	{name: "Día de las Glorias del Ejército", days: on(time.September, 19)},
	{name: "Fiestas Patrias", days: when(time.September, 20, time.Friday)},       // Ley 20.215
	{name: "Fiestas Patrias", days: in(2022, time.September, 16)},                // Ley 21.482
	{name: "Encuentro de Dos Mundos", days: nearMonday(time.October, 12)},        // Ley 19.668
	{name: "Día de las Iglesias Evangélicas y Protestantes", days: evangelicals}, //nolint:misspell // Ley 20.299; it is Spanish
	{name: "Día de Todos los Santos", days: on(time.November, 1)},
	{name: "Inmaculada Concepción", days: on(time.December, 8)},
	{name: "Navidad", days: on(time.December, 25)},
	{name: "Elecciones", days: every(4, 2025%4, nth(3, time.Sunday, time.November))}, // Constitución art. 26, Ley 18.700
	{name: "Elecciones", days: every(4, 2024%4, nth(-1, time.Sunday, time.October))}, // Ley 18.695 art. 106, Ley 18.700
	{name: "Elecciones (segunda votación)", days: in(2025, time.December, 14)},
	{name: "Elecciones primarias", days: in(2025, time.June, 29)},
}

// nearMonday moves a Tuesday, Wednesday or Thursday to the Monday before and a Friday to the Monday after (Ley 19.668).
func nearMonday(m time.Month, day int) func(int, Date) []Date {
	return func(y int, _ Date) []Date {
		d := DateOf(y, m, day)
		switch d.Weekday() {
		case time.Tuesday, time.Wednesday, time.Thursday:
			d -= Date(d.Weekday() - time.Monday)
		case time.Friday:
			d += 3
		default:
		}
		return []Date{d}
	}
}

// evangelicals is 31 October: on a Tuesday the Friday before, on a Wednesday the Friday after (Ley 20.299).
func evangelicals(y int, _ Date) []Date {
	d := DateOf(y, time.October, 31)
	switch d.Weekday() {
	case time.Tuesday:
		d -= 4
	case time.Wednesday:
		d += 2
	default:
	}
	return []Date{d}
}

// winterSolstice is the date in Chile of the June solstice. Leap years push it back a day and the years between bring
// it forward again by almost six hours each; the test reckons it from the mean orbit. In 2021 the law itself named the
// 21st.
func winterSolstice(y int, _ Date) []Date {
	day := 21
	if y%4 < 2 && y != 2021 {
		day = 20
	}
	return []Date{DateOf(y, time.June, day)}
}

// United States, federal holidays: 5 U.S.C. 6103. One that falls on a Saturday is observed on the Friday before
// (6103(b)), on a Sunday on the Monday after (Executive Order 11582); people are left alone on both days. Inauguration
// Day is one for the District of Columbia only.
var unitedStates = []rule{
	{name: "New Year's Day", days: observed(time.January, 1)},
	{name: "Birthday of Martin Luther King, Jr.", days: nth(3, time.Monday, time.January)},
	{name: "Washington's Birthday", days: nth(3, time.Monday, time.February)},
	{name: "Memorial Day", days: nth(-1, time.Monday, time.May)},
	{name: "Juneteenth", days: observed(time.June, 19), since: 2021},
	{name: "Independence Day", days: observed(time.July, 4)},
	{name: "Labor Day", days: nth(1, time.Monday, time.September)}, //nolint:misspell // its name
	{name: "Columbus Day", days: nth(2, time.Monday, time.October)},
	{name: "Veterans Day", days: observed(time.November, 11)},
	{name: "Thanksgiving Day", days: nth(4, time.Thursday, time.November)},
	{name: "Christmas Day", days: observed(time.December, 25)},
}

func observed(m time.Month, day int) func(int, Date) []Date {
	return func(y int, _ Date) []Date {
		d := DateOf(y, m, day)
		switch d.Weekday() {
		case time.Saturday:
			return []Date{d, d - 1}
		case time.Sunday:
			return []Date{d, d + 1}
		default:
			return []Date{d}
		}
	}
}
