import { queryOptions } from '@tanstack/react-query'
import { api, ask, type Schemas } from '@/api/client'

export type Rules = Schemas['RulesView']
export type Limit = Schemas['Limit']
export type Pack = Schemas['RulePackView']
export type Rule = Schemas['PackRuleView']
export type Chosen = Schemas['Chosen']

export const rulesQuery = queryOptions({ queryKey: ['rules'], queryFn: () => ask(api.GET('/api/v1/rules')) })

/** The packs of law, in the words of a language. */
export const packsQuery = (language: string) => queryOptions({ queryKey: ['rules', 'packs', language], queryFn: () => ask(api.GET('/api/v1/rule-packs')), staleTime: 300_000 })
