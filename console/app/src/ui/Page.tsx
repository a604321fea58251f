import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, type CSSProperties, type ReactNode } from 'react'

interface Props {
  title: string
  /** Shown in place of the title, which still names the window. */
  heading?: ReactNode
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page: its title, what can be done, and what it shows. */
export function Page({ title, heading, about, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Campanário`
  }, [title])
  return (
    <Stack gap="lg">
      <div className="page-head">
        <Stack gap={4}>
          <Title order={1} className="wrap">
            {heading ?? title}
          </Title>
          {about && (
            <Text c="dimmed" component="div">
              {about}
            </Text>
          )}
        </Stack>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </Stack>
  )
}

/** A place where something will be, and how it comes there. */
export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="card">
      <Stack align="center" gap="sm" px="lg" py={48} ta="center">
        {icon && (
          <Text c="dimmed" component="span" aria-hidden>
            {icon}
          </Text>
        )}
        <Title order={2}>{title}</Title>
        {children && (
          <Text c="dimmed" maw={520} component="div">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </div>
  )
}

/** One number with its name. */
export function Figure({ name, value, about, tone }: { name: string; value: ReactNode; about?: ReactNode; tone?: string }) {
  return (
    <div className="card figure">
      <Group gap={6} wrap="nowrap">
        {tone && <span className={`dot tone-${tone}`} aria-hidden />}
        <Text size="sm" c="dimmed">
          {name}
        </Text>
      </Group>
      <b className="numbers">{value}</b>
      {about && (
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      )}
    </div>
  )
}

/** The number of columns that leaves the fewest gaps in the last row, and nobody alone in it. */
function even(count: number, ...columns: number[]): number {
  const bad = (n: number) => (count % n === 1 ? n : (n - (count % n)) % n)
  return columns.reduce((best, n) => (bad(n) < bad(best) ? n : best))
}

/** Numbers beside each other, none of them alone in a row. */
export function Tiles({ count, children }: { count: number; children: ReactNode }) {
  return (
    <div className="tiles" style={{ '--some': even(count, 3, 4, 2), '--many': count < 6 ? count : even(count, 4, 5, 3) } as CSSProperties}>
      {children}
    </div>
  )
}

/** Names and values under each other. */
export function Facts({ of }: { of: { name: string; value: ReactNode }[] }) {
  return (
    <dl style={{ margin: 0, display: 'grid', gridTemplateColumns: 'minmax(90px, 34%) minmax(0, 1fr)', gap: '10px 16px' }}>
      {of.map((f) => (
        <div key={f.name} style={{ display: 'contents' }}>
          <Text component="dt" size="sm" c="dimmed">
            {f.name}
          </Text>
          <Text component="dd" size="sm" m={0} className="wrap">
            {f.value}
          </Text>
        </div>
      ))}
    </dl>
  )
}

export { Anchor }
