import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { Trouble } from '@/app/Trouble'
import { IconArrowLeft, Page, Progress, Skeleton, Stack, Stepper, Text, usePhone } from '@/ui'
import { campaignQuery } from '../queries'
import { Basics } from './Basics'
import { People } from './People'
import { fieldId } from './field'
import { Review } from './Review'
import { Schedule } from './Schedule'

const route = getRouteApi('/campaigns/new')

/** Makes a campaign in three steps and a review. Every step is saved, so that it can be left and gone on with. */
export function Wizard() {
  const { t } = useTranslation()
  const { draft, step = 1, field } = route.useSearch()
  const go = useNavigate({ from: '/campaigns/new' })
  const queries = useQueryClient()
  const phone = usePhone()
  const one = useQuery({ ...campaignQuery(draft ?? ''), enabled: Boolean(draft) })
  const c = draft ? one.data : undefined
  const editable = !c || c.can.includes('edit')
  const to = async (next: number, id = draft, about?: string) => {
    if (id) await queries.invalidateQueries({ queryKey: campaignQuery(id).queryKey })
    await go({ search: { draft: id, step: next, field: about } })
    window.scrollTo({ top: 0 })
  }
  const there = Boolean(c)
  // Who comes to mend something is at its field.
  useEffect(() => {
    if (field && there) document.getElementById(fieldId(field))?.focus()
  }, [field, there])
  if (one.error) return <Trouble error={one.error} />
  const steps = [t('wizard.basics'), t('wizard.people'), t('wizard.schedule'), t('wizard.review')]
  return (
    <Stack gap="sm" maw={960} mx="auto">
      <Link to={c ? '/campaigns/$campaign' : '/campaigns'} params={c ? { campaign: c.id } : {}} className="back">
        <IconArrowLeft size={16} aria-hidden /> {c ? c.name : t('shell.campaigns')}
      </Link>
      <Page title={c ? (editable ? t('wizard.edit') : t('campaign.action.add_recipients')) : t('campaign.new')}>
        {editable && phone && (
          <Stack gap={6}>
            <Text fw={600}>{t('wizard.step', { step, of: steps.length, name: steps[step - 1] ?? '' })}</Text>
            <Progress value={(100 * step) / steps.length} aria-label={t('wizard.steps')} />
          </Stack>
        )}
        {editable && !phone && (
          <Stepper
            active={step - 1} size="sm" onStepClick={(i) => c && void to(i + 1)} className="stepper"
            aria-label={t('wizard.steps')}
          >
            {steps.map((label, i) => (
              <Stepper.Step key={label} label={label} disabled={!c && i > 0} />
            ))}
          </Stepper>
        )}
        {draft && !c ? (
          <Skeleton height={300} aria-busy />
        ) : !c || (step === 1 && editable) ? (
          <Basics campaign={c} onSaved={(id) => void to(2, id)} />
        ) : step === 2 || !editable ? (
          <People campaign={c} onBack={editable ? () => void to(1) : undefined} onNext={() => void (editable ? to(3) : go({ to: '/campaigns/$campaign', params: { campaign: c.id } }))} />
        ) : step === 3 ? (
          <Schedule campaign={c} onBack={() => void to(2)} onSaved={() => void to(4)} />
        ) : (
          <Review campaign={c} onStep={(n, about) => void to(n, draft, about)} />
        )}
      </Page>
    </Stack>
  )
}
