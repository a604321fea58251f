/** The calendars of holidays that there are. */
export const calendars = ['BR', 'BR-optional', 'MX', 'CO', 'CL', 'US'] as const
