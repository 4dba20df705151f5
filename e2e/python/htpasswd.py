"""Print a line of an htpasswd file: htpasswd.py USER PASSWORD"""

import sys

import bcrypt

user, password = sys.argv[1:]
print(f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(6)).decode()}")
