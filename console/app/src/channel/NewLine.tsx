import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { IconArrowLeft, Page, Stack } from '@/ui'
import { LineForm } from './LineForm'

/** A line that is being made. */
export function NewLine() {
  const { t } = useTranslation()
  const { kind } = useSearch({ from: '/lines/new' })
  return (
    <Stack gap="sm">
      <Link to="/lines" className="back">
        <IconArrowLeft size={15} /> {t('shell.lines')}
      </Link>
      <Page title={t(`line.new.${kind}`)} about={t(`line.newAbout.${kind}`)}>
        <LineForm key={kind} kind={kind} />
      </Page>
    </Stack>
  )
}
