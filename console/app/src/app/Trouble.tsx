import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import { Refusal, Unreachable } from '@/api/client'
import { Alert, Button, IconAlertTriangle, Page } from '@/ui'

/** Says what went wrong, in the server's words where there are any. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation()
  const title = error instanceof Refusal ? error.title : t(error instanceof Unreachable ? 'trouble.away' : 'trouble.broken')
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={title} role="alert">
      {error instanceof Refusal ? error.message : t(error instanceof Unreachable ? 'trouble.awayAbout' : 'trouble.brokenAbout')}
      {again && (
        <div style={{ marginTop: 12 }}>
          <Button size="xs" variant="default" onClick={again}>
            {t('trouble.again')}
          </Button>
        </div>
      )}
    </Alert>
  )
}

/** The page of a path that leads nowhere. */
export function Missing() {
  const { t } = useTranslation()
  return (
    <Page title={t('trouble.missing')} about={t('trouble.missingAbout')}>
      <Link to="/" className="as-link">
        {t('shell.home')}
      </Link>
    </Page>
  )
}
