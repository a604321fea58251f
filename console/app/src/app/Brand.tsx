import { Group, Text } from '@/ui'

/** The bell and the name. */
export function Brand({ large }: { large?: boolean }) {
  const size = large ? 34 : 24
  return (
    <Group gap={8} wrap="nowrap" justify={large ? 'center' : undefined}>
      <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden style={{ color: 'var(--mantine-color-anchor)' }}>
        <path fill="currentColor" d="M12 2a2 2 0 0 1 2 2v.4c2.9.9 5 3.5 5 6.6v5l2 3H3l2-3v-5c0-3.1 2.1-5.7 5-6.6V4a2 2 0 0 1 2-2Zm-2.5 18h5a2.5 2.5 0 0 1-5 0Z" />
      </svg>
      <Text fw={700} fz={large ? 24 : 17} component="span">
        Campanário
      </Text>
    </Group>
  )
}
