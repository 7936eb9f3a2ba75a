"""The sample county 示例县: a seeded generator of every layer, all of it labelled 生成数据."""
