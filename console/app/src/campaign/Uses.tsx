import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from '@/locale/language'
import type { usesQuery } from '@/channel/queries'
import { Box, Group, Status, Text, Title } from '@/ui'
import { states } from './words'

/** The campaigns that use something. */
export function Uses({ query }: { query: ReturnType<typeof usesQuery> }) {
  const { t } = useTranslation()
  const { data } = useQuery(query)
  if (!data) return null
  return (
    <Box className="card" p={{ base: 'md', sm: 'lg' }}>
      <Title order={2} mb="xs">
        {t('line.uses')}
      </Title>
      {data.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('line.usesNone')}
        </Text>
      )}
      <ul className="plain">
        {data.items.map((c) => (
          <li key={c.id}>
            <Group justify="space-between" gap="xs" py={4}>
              <Link to="/campaigns/$campaign" params={{ campaign: c.id }} className="as-link wrap" style={{ fontSize: '0.875rem' }}>
                {c.name}
              </Link>
              <Status tone={states[c.state]}>{t(`campaign.state.${c.state}`)}</Status>
            </Group>
          </li>
        ))}
      </ul>
    </Box>
  )
}
